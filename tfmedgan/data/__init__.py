"""Images in: sources, steps of preprocessing, leakage-safe splits and `tf.data` pipelines."""

import importlib
from typing import Any

_HOME = {"build_dataset": "pipeline", "stream": "pipeline", "open_source": "sources"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
