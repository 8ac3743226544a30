"""DCGAN of 4×4 convolutions (Radford et al. 2016), with labels or without.

dfu-dcgan and vuw-covid (`dcgan64`), aims2023 (`cgan64`), and the variant of iut2023 with
16×16 kernels at the image (`dcgan-k16`).
"""

import keras
from keras import layers

from tfmedgan.architectures.dcgan64 import DCGAN64Config
from tfmedgan.models import blocks
from tfmedgan.models.alternating import AlternatingGAN
from tfmedgan.models.base import MODELS


def build_generator(config: DCGAN64Config) -> keras.Model:
    """Generator: z (n, latent_dim), and labels (n,) if conditional → images in [-1, 1]."""
    inputs, z = blocks.latent_input(config)
    stride = config.outer_stride
    last_side = config.image_shape[0] // stride
    x = blocks.project_and_reshape(
        z, blocks.num_filters(blocks.SMALLEST, last_side, config.ngf), use_bias=False
    )
    images = blocks.upsample_stack(x, config.image_shape, config.ngf, stride=stride)
    return keras.Model(inputs, images, name="generator")


def build_discriminator(config: DCGAN64Config) -> keras.Model:
    """Discriminator: images, and labels (n,) if conditional → scores (n, 1).

    With the non-saturating loss they are probabilities of being real, otherwise without bounds.
    """
    inputs, image = blocks.image_input(config)
    scores = blocks.downsample_stack(
        image, config.ndf, blocks.batch_norm, norm_first=False, stride=config.outer_stride
    )
    if config.loss == "non_saturating":
        scores = layers.Activation("sigmoid", dtype=blocks.full_precision(), name="real")(scores)
    return keras.Model(inputs, scores, name="discriminator")


@MODELS.register("DCGAN64Config")
@MODELS.register("CGAN64Config")
@MODELS.register("DCGANK16Config")
@keras.saving.register_keras_serializable("tfmedgan")
class DCGAN64(AlternatingGAN):
    """The DCGAN of the documents written for PyTorch, and those that differ in the loss alone."""

    config: DCGAN64Config

    @property
    def from_logits(self) -> bool:  # type: ignore[override]
        return self.config.loss != "non_saturating"

    @staticmethod
    def build_networks(config: DCGAN64Config):
        return build_generator(config), build_discriminator(config)
