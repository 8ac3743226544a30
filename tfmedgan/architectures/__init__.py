"""Architectures: one file per family with its configuration and the toolkit's own defaults.

The networks are in `tfmedgan.models`, in a file of the same name. The two are
apart so that names, sizes and classes are checked before TensorFlow is loaded.
`ARCHITECTURES` maps each name of `--arch` to a default `Experiment`.
"""

import importlib
import pkgutil

from tfmedgan.registry import Registry

ARCHITECTURES = Registry("architecture")

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
