"""Flower, imported when it is needed, without its telemetry, update checks and console log."""

import logging
import os
import sys
from collections.abc import MutableMapping

from tfmedgan.errors import InputError

ENVIRONMENT = {  # Flower's processes read it when they start
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "FLWR_LOG_LEVEL": "CRITICAL",
}
OLDEST = (3, 11)


def keep_quiet(environment: MutableMapping[str, str]) -> None:
    """Let Flower ask nothing of any network, unless the user has decided otherwise."""
    for name, value in ENVIRONMENT.items():
        environment.setdefault(name, value)


def require_flower() -> None:
    """Import Flower.

    Raises:
        InputError: if it is not there.
    """
    keep_quiet(os.environ)
    try:
        import flwr.serverapp  # noqa: F401
    except ImportError:
        older = sys.version_info < OLDEST
        mend = "it takes Python 3.11 or later" if older else "pip install 'tfmedgan[federated]'"
        what = "--sites: sites are averaged by Flower, which is not installed"
        raise InputError(f"{what}; {mend}") from None
    logging.getLogger("flwr").setLevel(os.environ["FLWR_LOG_LEVEL"].upper())
