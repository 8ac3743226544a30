"""Training: the run directory, exact checkpoints, callbacks, and `train`."""

import importlib
from typing import Any

_HOME = {
    "train": "training.runs",
    "resume": "training.runs",
    "finish": "training.runs",
    "distribute": "training.distribution",
    "RunDirectory": "run_directory",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"tfmedgan.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
