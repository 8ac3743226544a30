"""Convolution by kernels of 4 with stride 2, with a faster gradient of the kernel in bfloat16.

y = conv(x, k) is linear in x and in k, and so are its gradients: all three are views of one
trilinear form Σ x·k·y, and the gradient of each view is made of the other two. So gradients of
any order, which the gradient penalty needs, come out of these few lines.
"""

import tensorflow as tf

KERNEL, STRIDE = 4, 2
LARGEST = 8  # side of the output up to which four matrix products beat oneDNN's gradient


def pays(layer, dtype, side: int) -> bool:
    """Whether a layer's convolution is of this form and faster so (benchmarks/layers.md)."""
    return ((layer.kernel_size, layer.strides) == ((KERNEL, KERNEL), (STRIDE, STRIDE))) and pays_at(
        dtype, side
    )


def pays_at(dtype, side: int) -> bool:
    """Whether such a convolution is faster so, for maps of `side` pixels at its smaller end."""
    gpu = bool(tf.config.list_physical_devices("GPU"))
    return dtype == "bfloat16" and side <= LARGEST and not gpu


@tf.custom_gradient
def conv(x, kernel):
    """x (n, 2s, 2s, a), kernel (4, 4, a, b) → (n, s, s, b), as padding "same" has it."""

    def gradient(dy):
        return transposed(kernel, dy), kernel_gradient(x, dy)

    return tf.nn.conv2d(x, kernel, STRIDE, "SAME"), gradient


@tf.custom_gradient
def transposed(kernel, y):
    """kernel (4, 4, a, b), y (n, s, s, b) → (n, 2s, 2s, a): the gradient of `conv` in x."""
    side = STRIDE * y.shape[1]
    shape = (tf.shape(y)[0], side, side, kernel.shape[2])

    def gradient(dx):
        return kernel_gradient(dx, y), conv(dx, kernel)

    return tf.nn.conv2d_transpose(y, kernel, shape, STRIDE, "SAME"), gradient


@tf.custom_gradient
def kernel_gradient(x, y):
    """x (n, 2s, 2s, a), y (n, s, s, b) → (4, 4, a, b): the gradient of `conv` in the kernel.

    With 2×2 pixels moved into channels the kernel is 2×2 with stride 1, and each of its four
    taps is one product of matrices.
    """
    side, inputs, filters = y.shape[1], x.shape[-1], y.shape[-1]
    blocks = tf.nn.space_to_depth(tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]]), STRIDE)
    columns = tf.reshape(y, (-1, filters))

    def tap(row, column):
        part = tf.slice(blocks, (0, row, column, 0), (-1, side, side, -1))
        rows = tf.reshape(part, (-1, blocks.shape[-1]))
        return tf.matmul(rows, columns, transpose_a=True)

    taps = tf.stack([tap(row, column) for row in (0, 1) for column in (0, 1)])
    taps = tf.reshape(taps, (2, 2, 2, 2, inputs, filters))
    kernel = tf.reshape(tf.transpose(taps, (0, 2, 1, 3, 4, 5)), (KERNEL, KERNEL, inputs, filters))

    def gradient(dk):
        return transposed(dk, y), conv(x, dk)

    return kernel, gradient
