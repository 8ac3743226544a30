"""Fixtures that several test files share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real images named by TFMEDGAN_DATA."""
    folder = os.environ.get("TFMEDGAN_DATA")
    if not folder:
        pytest.skip("TFMEDGAN_DATA is not set")
    return Path(folder)
