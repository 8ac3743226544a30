"""The recommended bundle for a few hundred images: what `--small-data` changes."""

from dataclasses import replace

from tfmedgan.augmentation import DiffAugment
from tfmedgan.config import Experiment

EMA = 0.99


def with_small_data_aids(experiment: Experiment) -> Experiment:
    """The experiment with differentiable augmentation and an averaged generator.

    Labels of conditional networks are drawn uniformly already; `--balance` is left to the
    user, who knows whether the classes of his data should count alike.
    """
    return replace(experiment, augment=DiffAugment(), ema=EMA)
