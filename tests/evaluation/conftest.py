"""Images for tests of metrics."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def radiographs(real_data):
    """375 different chest X-rays, uint8 (375, 64, 64, 1)."""
    from tfmedgan.data.sources import open_source
    from tfmedgan.data.steps import run_steps, standard_steps

    found = open_source(str(real_data / "covid_xray3" / "images"))
    steps = standard_steps((64, 64, 1))
    images = [run_steps(found.read(record), steps) for record in found.records[::3]]
    return np.unique(np.stack(images), axis=0)


@pytest.fixture(scope="session")
def images():
    """60 smooth grey images, uint8 (60, 24, 24, 1)."""
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (60, 6, 6, 1))
    return coarse.repeat(4, 1).repeat(4, 2).astype(np.uint8)
