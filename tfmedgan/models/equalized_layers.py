"""Layers with an equalised learning rate (Karras et al. 2018, section 4.1), as StyleGAN2 has them.

All weights begin as N(0, 1). The scale that they should have by He et al. 2015 is multiplied in
while a layer computes, so that Adam moves each by the same share. Leaky ReLUs are followed by √2
there, which here is in the weights before them.
"""

import math

import keras
import tensorflow as tf
from keras import layers

from tfmedgan.models import resampling

SLOPE = 0.2
RECTIFIED = math.sqrt(2)  # what keeps the variance through a leaky ReLU
SMALL = 1e-8


def normal(stddev: float = 1.0):
    return keras.initializers.RandomNormal(0.0, stddev)


def rectified(x):
    return tf.nn.leaky_relu(x, SLOPE)


class Equalized(layers.Layer):
    """A layer whose weights are scaled while it computes."""

    options: tuple[str, ...] = ()  # arguments of the layer

    def __init__(self, **kwargs):
        super().__init__(autocast=False, **kwargs)  # styles and noise come in full precision

    def weight(self, name: str, shape, initializer, trainable=True):
        return self.add_weight(shape, initializer, name=name, trainable=trainable, autocast=False)

    def get_config(self):
        return {**super().get_config(), **{name: getattr(self, name) for name in self.options}}


@keras.saving.register_keras_serializable("tfmedgan")
class PixelNorm(layers.Layer):
    """Vectors (n, d) of mean square 1."""

    def call(self, x):
        return x * tf.math.rsqrt(tf.reduce_mean(tf.square(x), axis=-1, keepdims=True) + SMALL)


@keras.saving.register_keras_serializable("tfmedgan")
class EqualizedDense(Equalized):
    """Dense layer (n, a) → (n, units).

    Args:
        rate: factor of the learning rate, by weights that are so much larger at first.
    """

    options = ("units", "rectify", "rate")

    def __init__(self, units: int, rectify: bool = False, rate: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.rectify, self.rate = units, rectify, rate

    def build(self, input_shape):
        shape = (input_shape[-1], self.units)
        self.kernel = self.weight("kernel", shape, normal(1 / self.rate))
        self.bias = self.weight("bias", (self.units,), "zeros")
        self.scale = self.rate / math.sqrt(input_shape[-1])

    def call(self, x):
        gain = RECTIFIED if self.rectify else 1.0
        x = tf.cast(x, self.compute_dtype)
        x = tf.matmul(x, tf.cast(gain * self.scale * self.kernel, x.dtype))
        x += tf.cast(gain * self.rate * self.bias, x.dtype)
        return rectified(x) if self.rectify else x


@keras.saving.register_keras_serializable("tfmedgan")
class EqualizedConv2D(Equalized):
    """Convolution of padding "same", rectified unless told otherwise.

    Args:
        halve: filter, and take every second pixel.
        gain: of what comes out.
    """

    options = ("filters", "kernel_size", "halve", "rectify", "gain")

    def __init__(
        self, filters: int, kernel_size: int, halve=False, rectify=True, gain=1.0, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters, self.kernel_size = filters, kernel_size
        self.halve, self.rectify, self.gain = halve, rectify, gain

    def build(self, input_shape):
        shape = (self.kernel_size, self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.weight("kernel", shape, normal())
        self.bias = self.weight("bias", (self.filters,), "zeros") if self.rectify else None
        self.scale = 1 / math.sqrt(math.prod(shape[:3]))

    def call(self, x):
        x = tf.cast(x, self.compute_dtype)
        gain = self.gain * (RECTIFIED if self.rectify else 1.0)
        kernel = tf.cast(gain * self.scale * self.kernel, x.dtype)
        if self.kernel_size == 1:
            x = tf.nn.conv2d(resampling.halved(x) if self.halve else x, kernel, 1, "SAME")
        else:
            x = resampling.halving_conv(x, kernel) if self.halve else same_size(x, kernel)
        if not self.rectify:
            return x
        return rectified(tf.nn.bias_add(x, tf.cast(gain * self.bias, x.dtype)))


def same_size(x, kernel):
    return tf.nn.conv2d(x, kernel, 1, "SAME")


@keras.saving.register_keras_serializable("tfmedgan")
class Bias(Equalized):
    """x (n, s, s, C) and a bias of each channel."""

    def build(self, input_shape):
        self.bias = self.weight("bias", (input_shape[-1],), "zeros")

    def call(self, x):
        return tf.nn.bias_add(x, tf.cast(self.bias, x.dtype))


@keras.saving.register_keras_serializable("tfmedgan")
class Constant(Equalized):
    """The maps that every image begins with: any (n, …) → (n, side, side, filters)."""

    options = ("side", "filters")

    def __init__(self, side: int, filters: int, **kwargs):
        super().__init__(**kwargs)
        self.side, self.filters = side, filters

    def build(self, input_shape):
        self.maps = self.weight("maps", (1, self.side, self.side, self.filters), normal())

    def call(self, x):
        return tf.repeat(tf.cast(self.maps, self.compute_dtype), tf.shape(x)[0], axis=0)
