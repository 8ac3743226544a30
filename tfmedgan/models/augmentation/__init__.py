"""Augmentation of what the discriminator sees; configured by `tfmedgan.config`.

Each is a callable (images (n, H, W, C) float32 in [-1, 1], key) → images of the same shape,
differentiable, with `variables` that exact resume needs and `adapt`, called once per
discriminator update.
"""

from tfmedgan.config import AdaptiveAugment
from tfmedgan.models.augmentation.ada import AdaptivePipe
from tfmedgan.models.augmentation.diffaug import DiffAugmentPipe


def build(config):
    """The augmentation of a configuration; None for None."""
    if config is None:
        return None
    return AdaptivePipe(config) if isinstance(config, AdaptiveAugment) else DiffAugmentPipe(config)
