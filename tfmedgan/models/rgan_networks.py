"""The networks of the relativistic GAN for few images; both are small.

The generator has the skip-layer excitation of Liu et al. 2021 and the self-modulation of Chen et
al. 2019, the discriminator no normalisation, and the label enters it by projection (Miyato &
Koyama 2018).
"""

import math
from typing import Any

import keras
from keras import layers

from tfmedgan.architectures.rgan import RGANConfig
from tfmedgan.models import blocks, fast_layers

GATED_BY = 8  # maps are gated by those that are so many times smaller
MODULATION = 0.25  # standard deviation of what z multiplies a map by, less 1, at first
COMPARED = 128  # numbers, seen in the whole of the last map, that a label is compared with
TWO_CONVOLUTIONS = (16, 32)  # sides of maps where a second convolution earns its time


def he_normal(gain: float = 2.0):
    """N(0, gain/fan_in) (He et al. 2015)."""
    return keras.initializers.VarianceScaling(gain, "fan_in", "untruncated_normal")


def convolution(filters: int, kernel: int, stride: int = 1, gain: float = 2.0, **options):
    return fast_layers.Conv2D(
        filters, kernel, stride, kernel_initializer=he_normal(gain), **options
    )


def normalised(x, modulations=()):
    """Feature maps of unit variance over the batch, modulated and rectified.

    In the generator this variance has to come from z. A label that entered beside z could give
    it instead, and then all images of a class are one; so labels only modulate.

    Args:
        modulations: what scales and shifts the maps: `by_class`, `by_latent`.
    """
    x = fast_layers.BatchNorm(momentum=0.9, epsilon=1e-5)(x)
    for amounts in modulations:
        scale, shift = amounts(x), amounts(x)
        x = layers.Add()([x, layers.Multiply()([x, scale]), shift])
    return blocks.leaky_relu()(x)


def by_class(label, n_classes: int, at_places: bool):
    """A function: feature maps → amounts (n, 1, 1, filters) that each class learns, 0 at first.

    Args:
        at_places: for the smallest maps, amounts (n, side, side, filters): what is where is
            decided there, and a class that only scales and shifts whole maps hardly sees to it.
    """

    def amounts(x):
        _, side, _, filters = x.shape
        side = side if at_places and side == blocks.SMALLEST else 1
        values = layers.Embedding(n_classes, side**2 * filters, "zeros")(label)
        return layers.Reshape((side, side, filters))(values)

    return amounts


def by_latent(latent):
    """A function: feature maps → amounts (n, 1, 1, filters) that depend on z.

    Self-modulation (Chen et al. 2019): z decides on the contrast of every map of an image, and
    not only on what is at its beginning.
    """
    stddev = MODULATION / math.sqrt(latent.shape[-1])

    def amounts(x):
        kernel = keras.initializers.RandomNormal(0.0, stddev)
        values = layers.Dense(x.shape[-1], kernel_initializer=kernel)(latent)
        return layers.Reshape((1, 1, -1))(values)

    return amounts


def gated(x, small):
    """Feature maps, their channels weighted by what much smaller ones show, between 0 and 2."""
    small = layers.AveragePooling2D(small.shape[1] // blocks.SMALLEST)(small)
    weights = convolution(x.shape[-1], blocks.SMALLEST)(small)
    weights = convolution(x.shape[-1], 1, gain=1.0)(layers.Activation("silu")(weights))
    return layers.Multiply()([x, layers.Rescaling(2.0)(layers.Activation("sigmoid")(weights))])


def upsample_stack(x, size: int, num_filters, modulations=()):
    """Feature maps 4×4 → size×size by doublings; `num_filters` tells a side's filters."""
    maps = {blocks.SMALLEST: x}
    while x.shape[1] < size:
        side = 2 * x.shape[1]
        doubling = fast_layers.UpsampleConv2D(
            num_filters(side), 3, padding="same", use_bias=False, kernel_initializer=he_normal()
        )
        x = normalised(doubling(x), modulations)
        if side // GATED_BY in maps:
            x = gated(x, maps[side // GATED_BY])
        if side in TWO_CONVOLUTIONS and side < size:
            x = convolution(num_filters(side), 3, padding="same", use_bias=False)(x)
            x = normalised(x, modulations)
        maps[side] = x
    return x


def build_generator(config: RGANConfig) -> keras.Model:
    """Generator: z (n, latent_dim), and labels (n,) if conditional → images in [-1, 1].

    Only the direction of z counts: it is brought to the length that N(0, 1) has on average.
    """

    def num_filters(side: int) -> int:
        inwards = blocks.num_filters(side, 64, config.ngf)
        return max(config.ngf // 2, min(inwards, 12 * config.ngf), 1)

    size, _, channels = config.image_shape
    z = inputs = keras.Input((config.latent_dim,), name="z")
    direction = layers.UnitNormalization(dtype=blocks.full_precision())(z)
    latent = layers.Rescaling(math.sqrt(config.latent_dim))(direction)
    modulations = [by_latent(latent)] if config.self_modulation else []
    if config.conditional:
        inputs = [z, keras.Input((), dtype="int32", name="label")]
        modulations.append(by_class(inputs[1], config.n_classes, config.labels_at_places))
    filters = num_filters(blocks.SMALLEST)
    stddev = keras.initializers.RandomNormal(0.0, 1 / math.sqrt(config.latent_dim))
    x = layers.Dense(filters * blocks.SMALLEST**2, use_bias=False, kernel_initializer=stddev)(
        latent
    )
    x = normalised(layers.Reshape((blocks.SMALLEST, blocks.SMALLEST, filters))(x), modulations)
    x = upsample_stack(x, size, num_filters, modulations)
    x = convolution(channels, 3, gain=1.0, padding="same")(x)
    images = layers.Activation("tanh", dtype=blocks.full_precision(), name="images")(x)
    return keras.Model(inputs, images, name="generator")


def build_discriminator(config: RGANConfig) -> keras.Model:
    """Discriminator: images, and labels (n,) if conditional → scores (n, 1), unbounded."""
    image = x = keras.Input(config.image_shape, name="image")
    while x.shape[1] > blocks.SMALLEST:
        filters = blocks.num_filters(x.shape[1] // 2, 32, config.ndf)
        x = blocks.leaky_relu()(convolution(max(filters, 1), 4, 2, padding="same")(x))
    exact: dict[str, Any] = {"dtype": blocks.full_precision()}
    score = convolution(1, blocks.SMALLEST, gain=1.0, use_bias=False, **exact)(x)
    score = layers.Flatten(**exact)(score)
    if not config.conditional:
        return keras.Model(image, score, name="discriminator")
    label = keras.Input((), dtype="int32", name="label")
    if config.labels_at_places:
        seen = convolution(COMPARED, blocks.SMALLEST, gain=1.0, use_bias=False, **exact)(x)
        seen = layers.Flatten(**exact)(seen)
        directions = keras.initializers.RandomNormal(0.0, 1 / math.sqrt(COMPARED))
    else:
        seen, directions = layers.GlobalAveragePooling2D(**exact)(x), blocks.normal()
    asked = layers.Embedding(config.n_classes, seen.shape[-1], directions, **exact)(label)
    score = layers.Add(**exact)([score, layers.Dot(1, **exact)([seen, asked])])
    return keras.Model([image, label], score, name="discriminator")
