"""Training: the run directory, exact checkpoints, callbacks, and `train`."""

import importlib

_HOME = {"train": "loop", "resume": "loop", "RunDirectory": "run"}


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
