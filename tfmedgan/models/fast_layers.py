"""Layers of Keras with the same weights and, to rounding, the same values, faster on processors.

Each takes another route only where that was measured to be faster (benchmarks/layers.md) and
is the plain layer elsewhere: on GPUs, in other precisions and sizes. `plain` turns a network
into one of Keras's own layers, which needs none of this code to be loaded.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from tfmedgan.models import stride_two

FUSED_TYPES = ("float32", "bfloat16", "float16")


def on_processor() -> bool:
    """Whether networks run on the processor, for which these layers are made."""
    return not tf.config.list_physical_devices("GPU")


@keras.saving.register_keras_serializable("tfmedgan")
class BatchNorm(layers.BatchNormalization):
    """Batch normalisation of feature maps (n, H, W, C) by TensorFlow's one fused operation.

    Keras computes it in ten elementwise ones. The fused operation returns the unbiased
    variance; the moving variance takes the biased one here, as it does in Keras.
    """

    def call(self, inputs, training=None, mask=None):
        known = len(inputs.shape) == 4 and inputs.dtype in FUSED_TYPES and not self.synchronized
        if not (training and self.trainable and known):
            return super().call(inputs, training=training, mask=mask)
        images, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        count = tf.cast(tf.size(inputs) // inputs.shape[-1], variance.dtype)
        self._follow(self.moving_mean, mean)
        self._follow(self.moving_variance, variance * (count - 1) / count)
        return tf.cast(images, self.compute_dtype)

    def _follow(self, moving, value):
        moving.assign(moving * self.momentum + value * (1.0 - self.momentum))


@keras.saving.register_keras_serializable("tfmedgan")
class Conv2D(layers.Conv2D):
    """Convolution, with kernels of 4 and stride 2 by `stride_two.conv` where that is faster."""

    def convolution_op(self, inputs, kernel):
        if self.padding == "same" and stride_two.pays(self, inputs.dtype, inputs.shape[1] // 2):
            return stride_two.conv(inputs, tf.convert_to_tensor(kernel))
        return super().convolution_op(inputs, kernel)


@keras.saving.register_keras_serializable("tfmedgan")
class Conv2DTranspose(layers.Conv2DTranspose):
    """Transposed convolution, with kernels of 4 and stride 2 by `stride_two.transposed`."""

    def call(self, inputs):
        if self.padding != "same" or not stride_two.pays(self, inputs.dtype, inputs.shape[1]):
            return super().call(inputs)
        images = stride_two.transposed(tf.convert_to_tensor(self.kernel), inputs)
        return images + tf.cast(self.bias, images.dtype) if self.use_bias else images


@keras.saving.register_keras_serializable("tfmedgan")
class FewFiltersConv2D(layers.Conv2D):
    """Convolution of stride 1 by a large kernel with few filters.

    oneDNN works on 16 filters at a time, so 3 of them use a fifth of the processor. Here the
    rows of the K×K kernel are K·filters filters of a 1×K one, and a K×1 convolution by zeros
    and ones adds up what each row gives.
    """

    def convolution_op(self, inputs, kernel):
        if not on_processor():
            return super().convolution_op(inputs, kernel)
        size, _, channels, filters = kernel.shape
        rows = tf.transpose(tf.convert_to_tensor(kernel), (1, 2, 0, 3))
        rows = tf.reshape(rows, (1, size, channels, size * filters))
        by_row = tf.nn.conv2d(inputs, rows, 1, "SAME")
        adder = np.eye(size * filters).reshape(size, 1, filters, size * filters)
        adder = adder.transpose(0, 1, 3, 2)  # tap i takes the filters of row i
        return tf.nn.conv2d(by_row, tf.constant(adder, by_row.dtype), 1, "SAME")


@keras.saving.register_keras_serializable("tfmedgan")
class UpsampleConv2D(layers.Conv2D):
    """Nearest-neighbour doubling, then a 3×3 convolution of padding "same", as one operation.

    Each 3×3 kernel meets every pixel up to four times. A transposed 4×4 convolution of stride 2,
    whose kernel is the sum of the 3×3 kernel at four offsets, does so once, with 2.25 times
    fewer products.
    """

    def call(self, inputs):
        flipped = tf.reverse(tf.convert_to_tensor(self.kernel), (0, 1))
        kernel = tf.transpose(flipped, (0, 1, 3, 2))
        offsets = [(i, j) for i in (0, 1) for j in (0, 1)]
        kernel = tf.add_n(
            [tf.pad(kernel, ((i, 1 - i), (j, 1 - j), (0, 0), (0, 0))) for i, j in offsets]
        )
        kernel = tf.cast(kernel, self.compute_dtype)
        side = inputs.shape[1]
        if stride_two.pays_at(kernel.dtype, side):
            images = stride_two.transposed(kernel, inputs)
        else:
            shape = (tf.shape(inputs)[0], 2 * side, 2 * side, self.filters)
            images = tf.nn.conv2d_transpose(inputs, kernel, shape, 2, "SAME")
        return images + tf.cast(self.bias, images.dtype) if self.use_bias else images

    def compute_output_shape(self, input_shape):
        return input_shape[0], 2 * input_shape[1], 2 * input_shape[2], self.filters


def _upsampling_then_conv(layer: UpsampleConv2D) -> keras.Model:
    config, (_, height, width, channels) = layer.get_config(), layer.input.shape
    doubling = layers.UpSampling2D(2, dtype=config["dtype"])
    # Repeated pixels lose their shape in a graph, and LiteRT asks for it.
    shape = layers.Reshape((2 * height, 2 * width, channels), dtype=config["dtype"])
    convolution = layers.Conv2D.from_config(config)
    return keras.Sequential([doubling, shape, convolution], name=config["name"])


PLAIN = {
    BatchNorm: layers.BatchNormalization.from_config,
    Conv2D: layers.Conv2D.from_config,
    Conv2DTranspose: layers.Conv2DTranspose.from_config,
    FewFiltersConv2D: layers.Conv2D.from_config,
}


def plain(network: keras.Model) -> keras.Model:
    """The same network, with the same weights, of Keras's own layers."""
    if not any(type(layer) in (*PLAIN, UpsampleConv2D) for layer in network.layers):
        return network

    def convert(layer):
        if type(layer) is UpsampleConv2D:
            return _upsampling_then_conv(layer)
        return PLAIN.get(type(layer), type(layer).from_config)(layer.get_config())

    twin = keras.models.clone_model(network, clone_function=convert)
    twin.set_weights(network.get_weights())
    return twin
