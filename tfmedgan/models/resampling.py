"""Doubling and halving of feature maps through the low-pass filter (1, 3, 3, 1).

Karras et al. 2020a (section 4.1, and Zhang 2019) filter wherever the resolution changes, so that
no frequency appears that the coarser maps did not have. A strided convolution and then a depthwise
one by the filter take four times fewer products than one convolution by both.
"""

import numpy as np
import tensorflow as tf

TAPS = np.array([1, 3, 3, 1], np.float32) / 8
FILTER = np.outer(TAPS, TAPS)
REACH = len(TAPS) - 1


def smoothed(x, before: int, after: int):
    """Maps (n, s, s, C), padded by zeros on both sides, filtered: `s + before + after − 3` pixels.

    The filter is symmetric, so that the gradient is the same filter with the rest of the padding,
    which is faster on processors than what TensorFlow has for it.
    """

    @tf.custom_gradient
    def forward(x):
        return _depthwise(x, before, after, 1), lambda dy: smoothed(
            dy, REACH - before, REACH - after
        )

    return forward(x)


@tf.custom_gradient
def halved(x):
    """Maps (n, 2s, 2s, C), filtered → (n, s, s, C)."""
    return _depthwise(x, 1, 1, 2), _spread


@tf.custom_gradient
def _spread(y):
    """The gradient of `halved`: (n, s, s, C), zeros between pixels, filtered → (n, 2s, 2s, C)."""
    side, channels = y.shape[1], y.shape[3]
    row = tf.reshape(tf.pad(y, [*3 * [[0, 0]], [0, channels]]), (-1, side, 2 * side * channels))
    apart = tf.reshape(
        tf.pad(row, [[0, 0], [0, 0], [0, row.shape[2]]]), (-1, 2 * side, 2 * side, channels)
    )
    return _depthwise(apart, 2, 1, 1), halved


def _depthwise(x, before: int, after: int, stride: int):
    kernel = np.repeat(FILTER[:, :, np.newaxis, np.newaxis], x.shape[-1], axis=2)
    padding = [[0, 0], [before, after], [before, after], [0, 0]]
    strides = (1, stride, stride, 1)
    return tf.nn.depthwise_conv2d(x, tf.constant(kernel, x.dtype), strides, padding)


def doubling_conv(x, kernel):
    """x (n, s, s, a), kernel (3, 3, a, b) → (n, 2s, 2s, b): zeros between pixels, both filters."""
    side = 2 * x.shape[1] + 1
    shape = (tf.shape(x)[0], side, side, kernel.shape[-1])
    turned = tf.transpose(4 * kernel, (0, 1, 3, 2))  # a quarter of the pixels carries all light
    return smoothed(tf.nn.conv2d_transpose(x, turned, shape, 2, "VALID"), 1, 1)


def halving_conv(x, kernel):
    """x (n, 2s, 2s, a), kernel (3, 3, a, b) → (n, s, s, b)."""
    return tf.nn.conv2d(smoothed(x, 2, 2), kernel, 2, "VALID")


def doubled(images):
    """Images (n, s, s, C) of few channels → (n, 2s, 2s, C)."""
    side, channels = 2 * images.shape[1], images.shape[-1]
    kernel = 4 * FILTER[:, :, np.newaxis, np.newaxis] * np.eye(channels, dtype=np.float32)
    shape = (tf.shape(images)[0], side, side, channels)
    return tf.nn.conv2d_transpose(images, tf.constant(kernel, images.dtype), shape, 2, "SAME")
