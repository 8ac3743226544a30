"""The classifiers: one file per family with its configuration and its entries by name.

The networks are in `tfmedgan.classifiers.networks`, in a file of the same name, and apart for
the same reason as those of `tfmedgan.architectures`: what can be wrong with options is said
before TensorFlow is loaded. `CLASSIFIERS` maps each name of `--network` to a default
`ClassifierExperiment` with the values of its document, or the toolkit's own.
"""

import importlib
import pkgutil
from typing import Any

from tfmedgan.classifiers.config import ClassifierExperiment, NetworkConfig
from tfmedgan.config import DataConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.registry import Registry

CLASSIFIERS = Registry("classifier")


def publish(name: str, network: NetworkConfig, steps: tuple = (), **fields: Any) -> None:
    """Add a classifier; without `steps` images are only brought to the network's shape."""
    steps = steps or standard_steps(network.image_shape)[:-1]  # Rescale is the network's
    CLASSIFIERS.add(
        name, ClassifierExperiment(DataConfig(steps=steps), network, name=name, **fields)
    )


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
