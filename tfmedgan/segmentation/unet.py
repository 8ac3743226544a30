"""The U-Net (Ronneberger et al. 2015, figure 1), as wide as its configuration says.

Departures from the paper: padded convolutions, so that a mask is as large as its image; batch
normalisation (Ioffe & Szegedy 2015) between convolution and ReLU; one logit in place of two.
"""

import keras
from keras import layers

from tfmedgan.models.blocks import full_precision
from tfmedgan.models.configured import dtype_policy
from tfmedgan.models.fast_layers import BatchNorm
from tfmedgan.seeding import stream_seed
from tfmedgan.segmentation.config import UNetConfig


def build(config: UNetConfig, seed: int = 0, precision: str = "float32") -> keras.Model:
    """A U-Net with initial weights that depend on `seed` alone.

    Sets Keras's global seed.

    Args:
        precision: Keras dtype policy, as "mixed_bfloat16".

    Returns:
        `keras.Model`: images, float32 (n, H, W, C) in [0, 255] → logits of the mask, float32
        (n, H, W, 1), the output of the layer "logits".
    """
    keras.utils.set_random_seed(stream_seed(seed, "initial weights/unet"))
    with dtype_policy(precision):
        return _unet(config)


def _unet(config: UNetConfig) -> keras.Model:
    image = keras.Input(config.image_shape, name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="range")(image)
    skips = []
    for level in range(config.depth):
        x = _two_convolutions(x, config.width * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = _two_convolutions(x, config.width * 2**config.depth)
    for skip in reversed(skips):
        filters = skip.shape[-1]
        x = layers.Conv2DTranspose(filters, 2, strides=2, kernel_initializer="he_normal")(x)
        x = _two_convolutions(layers.Concatenate()([skip, x]), filters)
    logits = layers.Conv2D(1, 1, dtype=full_precision(), name="logits")(x)
    return keras.Model(image, logits, name="unet")


def _two_convolutions(x, filters: int):
    """Twice: convolution 3×3 with weights of variance 2/N (§3), batch normalisation, ReLU."""
    for _ in range(2):
        x = layers.Conv2D(
            filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal"
        )(x)
        # Running statistics that an epoch of few steps can follow.
        x = layers.ReLU()(BatchNorm(momentum=0.9, epsilon=1e-5)(x))
    return x
