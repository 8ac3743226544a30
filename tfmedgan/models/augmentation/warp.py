"""Affine warps of batches, with exact gradients.

TensorFlow's own projective transformation, which Keras's random layers use, returns as its
gradient a second warp, which is not the derivative of the first where the scale changes.
"""

import tensorflow as tf


def affine(angle, across, down, shift_across, shift_down):
    """Matrices (n, 2, 3) from places (x, y, 1) in the result to places in the image.

    Places are in [-1, 1], x to the right and y down. All arguments have shape (n,): an angle
    in radians, factors of size along both sides, and shifts.
    """
    cos, sin = tf.cos(angle), tf.sin(angle)
    rows = ((cos / across, -sin / across, -shift_across), (sin / down, cos / down, -shift_down))
    return tf.stack([tf.stack(row, axis=-1) for row in rows], axis=1)


def warp(images, matrices):
    """Bilinear samples of square images (n, side, side, C), mirrored at their borders."""
    side = images.shape[1]
    axis = (tf.range(side, dtype=tf.float32) + 0.5) * 2 / side - 1
    y, x = tf.meshgrid(axis, axis, indexing="ij")
    places = tf.reshape(tf.stack([x, y, tf.ones_like(x)]), (3, side * side))
    sources = ((tf.einsum("nij,jp->nip", matrices, places) + 1) * side - 1) / 2
    return tf.reshape(_bilinear(images, _mirrored(sources, side)), tf.shape(images))


def _mirrored(sources, side: int):
    """Pixel coordinates folded back into [0, side − 1]."""
    period = 2.0 * (side - 1)
    folded = tf.math.floormod(sources, period)
    return tf.minimum(folded, period - folded)


def _bilinear(images, sources):
    """Weighted means of the four pixels around `sources` (n, 2, places)."""
    side = images.shape[1]
    pixels = tf.reshape(images, (-1, side * side, images.shape[3]))
    low = tf.minimum(tf.floor(sources), side - 2.0)
    (x, y), (part_x, part_y) = (tf.unstack(t, axis=1) for t in (low, sources - low))
    start = tf.cast(y * side + x, tf.int32)

    def corner(offset, weight):
        return tf.gather(pixels, start + offset, batch_dims=1) * weight[..., tf.newaxis]

    return (
        corner(0, (1 - part_x) * (1 - part_y))
        + corner(1, part_x * (1 - part_y))
        + corner(side, (1 - part_x) * part_y)
        + corner(side + 1, part_x * part_y)
    )
