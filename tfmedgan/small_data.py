"""The recommended bundle for a few hundred images: what `--small-data` changes."""

from dataclasses import replace

from tfmedgan.augmentation import DiffAugment
from tfmedgan.config import Experiment

EMA = 0.99
AUGMENTED = ("dcgan64",)  # families that augmentation helped in benchmarks/quality.md


def with_small_data_aids(experiment: Experiment) -> Experiment:
    """The experiment with an averaged generator and, where it helps, augmentation.

    Differentiable augmentation makes the discriminator's task harder. The DCGANs gain by it; the
    conditional GAN and the WGAN-GPs learned more slowly in the lengths that were tried.
    """
    augment = DiffAugment() if experiment.model.family in AUGMENTED else experiment.augment
    return replace(experiment, augment=augment, ema=EMA)
