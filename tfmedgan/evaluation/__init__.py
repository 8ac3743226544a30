"""How good generated images are: features, metrics with intervals, check for copies, reports."""

import importlib

_HOME = {
    "Protocol": "rows",
    "Row": "rows",
    "difference": "rows",
    "read_rows": "rows",
    "evaluate": "comparison",
    "run_inputs": "inputs",
    "folder_inputs": "inputs",
    "assess": "assessment",
    "write": "report",
    "check_copies": "memorisation",
    "open_extractor": "features",
}


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
