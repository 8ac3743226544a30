"""tfmedgan: medical-image synthesis with GANs in TensorFlow and Keras.

Importing the package is light; TensorFlow is loaded by the first use of a
sub-package that needs it (`tfmedgan.models`, `tfmedgan.training`, …).
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_SUBPACKAGES = ("architectures", "config", "data", "evaluation", "models", "papers", "training")


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_SUBPACKAGES])
