"""The networks of StyleGAN2 (Karras et al. 2020a, section 4: skip generator, residual D)."""

import math
from typing import Any

import keras
from keras import layers

from tfmedgan.architectures.stylegan2 import StyleGAN2Config
from tfmedgan.models import blocks
from tfmedgan.models.equalized_layers import (
    RECTIFIED,
    Bias,
    Constant,
    EqualizedConv2D,
    EqualizedDense,
    PixelNorm,
    normal,
)
from tfmedgan.models.style_layers import (
    Clipped,
    Doubled,
    FixedNoise,
    MinibatchStddev,
    ModulatedConv2D,
    NoisyActivation,
)

MAPPING_RATE = 0.01  # factor of the mapping's learning rate
HALF_POWER = math.sqrt(0.5)  # keeps the variance where two branches are added


def exact() -> dict[str, Any]:
    """Options of layers that compute in full precision."""
    return {"dtype": blocks.full_precision()}


def sides(size: int) -> list[int]:
    """4, 8, … size."""
    return [2**n for n in range(2, size.bit_length())]


def convolved_sides(size: int) -> list[int]:
    """Side of each styled convolution's maps: one at 4×4, two at each of the larger ones."""
    return [blocks.SMALLEST, *(side for side in sides(size)[1:] for _ in range(2))]


def num_styles(size: int) -> int:
    """Styles that an image is made of: one of each styled convolution, and the last image's."""
    return len(convolved_sides(size)) + 1


def noise_size(size: int, convolutions: int | None = None) -> int:
    """Noise of one image: a number for each pixel of the first, or all, styled convolutions."""
    return sum(side**2 for side in convolved_sides(size)[:convolutions])


def build_mapping(config: StyleGAN2Config) -> keras.Model:
    """Mapping: z (n, d), and labels (n,) if conditional → w (n, d). Only z's direction counts."""
    z = inputs = keras.Input((config.latent_dim,), name="z", **exact())
    w = PixelNorm(**exact())(z)
    if config.conditional:
        inputs = [z, keras.Input((), dtype="int32", name="label")]
        vectors = layers.Embedding(config.n_classes, config.latent_dim, normal(), **exact())
        w = layers.Concatenate(**exact())([w, PixelNorm(**exact())(vectors(inputs[1]))])
    for _ in range(config.mapping_layers):
        w = EqualizedDense(config.latent_dim, rectify=True, rate=MAPPING_RATE, **exact())(w)
    return keras.Model(inputs, w, name="mapping")


def build_synthesis(config: StyleGAN2Config) -> keras.Model:
    """Synthesis: styles (n, `num_styles`, d), noise (n or 1, `noise_size`) → images, unbounded.

    The style that makes a resolution's part of the image is the first one's of the next.
    """
    size, _, channels = config.image_shape
    ws = keras.Input((num_styles(size), config.latent_dim), name="styles", **exact())
    noise = keras.Input((noise_size(size),), name="noise", **exact())
    x = Constant(blocks.SMALLEST, config.num_filters(blocks.SMALLEST))(ws)
    images = None
    for number, side in enumerate(convolved_sides(size)):
        double = side > x.shape[1]
        conv = ModulatedConv2D(config.num_filters(side), 3, number, double, gain=RECTIFIED)
        x = NoisyActivation(noise_size(size, number))([conv([x, ws]), noise])
        if double:
            continue
        part = ModulatedConv2D(channels, 1, number + 1, demodulate=False, **exact())([x, ws])
        part = Bias(**exact())(part)
        images = (
            part if images is None else layers.Add(**exact())([Doubled(**exact())(images), part])
        )
    return keras.Model([ws, noise], images, name="synthesis")


def build_generator(config: StyleGAN2Config) -> keras.Model:
    """Generator: z (n, d), and labels (n,) if conditional → images in [-1, 1], by fixed noise.

    A training draws new noise for each image, and does not clip; it calls the parts `mapping`
    and `synthesis`.
    """
    size = config.image_shape[0]
    mapping = build_mapping(config)
    inputs = [keras.Input(i.shape[1:], dtype=i.dtype, name=i.name) for i in mapping.inputs]
    w = mapping(inputs if config.conditional else inputs[0])
    noise = FixedNoise(noise_size(size), **exact())(w)
    images = build_synthesis(config)([layers.RepeatVector(num_styles(size), **exact())(w), noise])
    images = Clipped(**exact(), name="images")(images)
    return keras.Model(inputs if config.conditional else inputs[0], images, name="generator")


def build_discriminator(config: StyleGAN2Config) -> keras.Model:
    """Discriminator: images, and labels (n,) if conditional → scores (n, 1), unbounded."""
    image = keras.Input(config.image_shape, name="image", **exact())
    x = EqualizedConv2D(config.num_filters(config.image_shape[0]), 1)(image)
    while x.shape[1] > blocks.SMALLEST:
        inwards = config.num_filters(x.shape[1] // 2)
        beside = EqualizedConv2D(inwards, 1, halve=True, rectify=False, gain=HALF_POWER)(x)
        x = EqualizedConv2D(x.shape[-1], 3)(x)
        x = EqualizedConv2D(inwards, 3, halve=True, gain=HALF_POWER)(x)
        x = layers.Add()([x, beside])
    filters = x.shape[-1]
    x = EqualizedConv2D(filters, 3)(MinibatchStddev(**exact())(x))
    x = EqualizedDense(filters, rectify=True, **exact())(layers.Flatten(**exact())(x))
    if not config.conditional:
        return keras.Model(image, EqualizedDense(1, **exact())(x), name="discriminator")
    label = keras.Input((), dtype="int32", name="label")
    vectors = layers.Embedding(config.n_classes, config.latent_dim, normal(), **exact())(label)
    seen = EqualizedDense(config.latent_dim, **exact())(x)
    asked = layers.Rescaling(1 / math.sqrt(config.latent_dim), **exact())(
        PixelNorm(**exact())(vectors)
    )
    score = layers.Dot(1, **exact())([seen, asked])
    return keras.Model([image, label], score, name="discriminator")
