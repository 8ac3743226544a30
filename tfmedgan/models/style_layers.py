"""Layers of StyleGAN2 (Karras et al. 2020a) that styles, noise and the batch have to do with."""

import math

import keras
import tensorflow as tf
from keras import layers

from tfmedgan.models import resampling
from tfmedgan.models.equalized_layers import (
    RECTIFIED,
    SMALL,
    Equalized,
    normal,
    rectified,
    same_size,
)

GROUP = 4  # images that the discriminator compares with each other


@keras.saving.register_keras_serializable("tfmedgan")
class ModulatedConv2D(Equalized):
    """Convolution by weights that a style scales: [x (n, s, s, a), ws (n, L, d)] → (n, s, s, b).

    An image's weights are s_i·k_ij, s an affine function of one of its styles, and demodulated
    ones have Σ_i (s_i·k_ij)² = 1 (Karras et al. 2020a, eq. 1 and 3). Scaling the maps before and
    after a convolution by k gives the same, for all images at once.

    Args:
        which: number of the style.
        double: to (n, 2s, 2s, filters), filtered.
        demodulate: the paper's images are made without.
        gain: of what comes out.
    """

    options = ("filters", "kernel_size", "which", "double", "demodulate", "gain")

    def __init__(
        self, filters: int, kernel_size: int, which=0, double=False, demodulate=True, gain=1.0,
        **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.which = filters, kernel_size, which
        self.double, self.demodulate, self.gain = double, demodulate, gain

    def build(self, input_shape):
        (*_, channels), (*_, size) = input_shape
        self.style = self.weight("style", (size, channels), normal())
        self.style_bias = self.weight("style_bias", (channels,), "ones")
        shape = (self.kernel_size, self.kernel_size, channels, self.filters)
        self.kernel = self.weight("kernel", shape, normal())
        self.scale = 1 / math.sqrt(math.prod(shape[:3]))
        self.style_scale = 1 / math.sqrt(size)

    def call(self, inputs):
        x, w = tf.cast(inputs[0], self.compute_dtype), inputs[1][:, self.which]
        styles = (
            tf.matmul(tf.cast(w, self.kernel.dtype), self.style_scale * self.style)
            + self.style_bias
        )
        kernel = self.scale * tf.convert_to_tensor(self.kernel)
        x = x * _over_pixels(styles, x.dtype)
        convolve = resampling.doubling_conv if self.double else same_size
        x = convolve(x, tf.cast(kernel if self.demodulate else self.gain * kernel, x.dtype))
        if not self.demodulate:
            return x
        squares = tf.reduce_sum(tf.square(kernel), axis=(0, 1))
        lengths = tf.matmul(tf.square(styles), squares) + SMALL
        return x * _over_pixels(self.gain * tf.math.rsqrt(lengths), x.dtype)


def _over_pixels(factors, dtype):
    """(n, C) → (n, 1, 1, C)."""
    return tf.cast(factors[:, tf.newaxis, tf.newaxis], dtype)


@keras.saving.register_keras_serializable("tfmedgan")
class NoisyActivation(Equalized):
    """[x (n, s, s, C), noise (n or 1, …)] → x, noise of a learned strength and a bias, rectified.

    What comes in is √2 times as large as in the paper, as `ModulatedConv2D` has that gain.

    Args:
        start: place of the first of the s² numbers of noise.
    """

    options = ("start",)

    def __init__(self, start: int = 0, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        (_, self.side, _, filters), _ = input_shape
        self.strength = self.weight("strength", (), "zeros")
        self.bias = self.weight("bias", (filters,), "zeros")

    def call(self, inputs):
        x, noise = inputs
        noise = noise[:, self.start : self.start + self.side**2]
        noise = tf.reshape(tf.cast(noise, self.bias.dtype), (-1, self.side, self.side, 1))
        noise *= RECTIFIED * self.strength
        x = tf.nn.bias_add(x, tf.cast(RECTIFIED * self.bias, x.dtype))
        return rectified(x + tf.cast(noise, x.dtype))


@keras.saving.register_keras_serializable("tfmedgan")
class FixedNoise(Equalized):
    """Any (n, …) → noise (1, size) drawn once, with which a trained generator makes images."""

    options = ("size",)

    def __init__(self, size: int, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def build(self, input_shape):
        self.noise = self.weight("noise", (1, self.size), normal(), trainable=False)

    def call(self, x):
        return tf.convert_to_tensor(self.noise)

    def compute_output_shape(self, input_shape):
        return None, self.size


@keras.saving.register_keras_serializable("tfmedgan")
class Doubled(layers.Layer):
    """Images (n, s, s, C) → (n, 2s, 2s, C), filtered."""

    def call(self, images):
        return resampling.doubled(images)


@keras.saving.register_keras_serializable("tfmedgan")
class Clipped(layers.Layer):
    """Images in [-1, 1]."""

    def call(self, images):
        return tf.clip_by_value(images, -1.0, 1.0)


@keras.saving.register_keras_serializable("tfmedgan")
class MinibatchStddev(layers.Layer):
    """x (n, s, s, C) → (n, s, s, C + 1): how much an image's group varies (Karras et al. 2018).

    A group is four images that follow each other, so that replicas have those of one device; what
    is left over makes a smaller one.
    """

    def call(self, x):
        groups = tf.range(tf.shape(x)[0]) // GROUP
        centred = x - tf.gather(tf.math.segment_mean(x, groups), groups)
        variance = tf.math.segment_mean(tf.square(centred), groups)
        spread = tf.reduce_mean(tf.sqrt(variance + SMALL), axis=(1, 2, 3), keepdims=True)
        plane = tf.broadcast_to(tf.gather(spread, groups), [*_maps(x), 1])
        return tf.concat([x, plane], axis=3)


def _maps(x) -> list:
    return [tf.shape(x)[0], x.shape[1], x.shape[2]]
