"""The documents: one file each, with the experiments they describe.

`PRESETS` maps each name of `--preset`, document/experiment, to its `Experiment`; `TABLES` each
document/table to what the document reports and how it is measured again.
"""

import importlib
import pkgutil
from dataclasses import replace

from tfmedgan.config import Experiment
from tfmedgan.papers.reported import TABLES
from tfmedgan.registry import Registry

PRESETS = Registry("preset")


def publish(document: str, experiments: dict[str, Experiment]) -> None:
    """Add a document's experiments to `PRESETS` under their full names."""
    for name, experiment in experiments.items():
        full = f"{document}/{name}"
        PRESETS.add(full, replace(experiment, name=full))


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
