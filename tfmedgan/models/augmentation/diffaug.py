"""Differentiable augmentation (Zhao et al. 2020): colour, translation, cutout."""

import tensorflow as tf

from tfmedgan.augmentation import DiffAugment
from tfmedgan.models import replicas
from tfmedgan.models.augmentation.colour import brighten, contrast, saturate


class DiffAugmentPipe:
    """All transformations for every image, with the ranges of the paper's code."""

    def __init__(self, config: DiffAugment):
        self.config = config
        self.variables = []

    def __call__(self, images, key):
        amounts = replicas.rows(
            lambda n: tf.random.stateless_uniform((7, n), key, alg="philox"),
            tf.shape(images)[0],
            axis=1,
        )
        if self.config.colour:
            images = _recolour(images, amounts[:3, :, tf.newaxis, tf.newaxis, tf.newaxis])
        images = translate(images, amounts[3:5], self.config.translation)
        return cut_out(images, amounts[5:], self.config.cutout)

    def adapt(self, correct, count) -> None:
        """Nothing to adapt."""


def _recolour(images, amounts):
    images = brighten(images, amounts[0] - 0.5)
    images = saturate(images, 2 * amounts[1])
    return contrast(images, amounts[2] + 0.5)


def translate(images, amounts, share: float):
    """Shift each image by whole pixels, up to `share` of its side; what moves in is 0.

    Args:
        amounts: in [0, 1), (2, n): down and right.
    """
    side = images.shape[1]
    largest = int(side * share + 0.5)
    shifts = tf.cast(tf.floor(amounts * (2 * largest + 1)), tf.int32) - largest
    rows, columns = (_shift_matrices(shift, side) for shift in tf.unstack(shifts))
    # As matrix products: their gradients are matrix products, where a gather's is a scatter.
    moved = tf.einsum("nij,njwc->niwc", rows, images)
    return tf.einsum("nij,nhjc->nhic", columns, moved)


def _shift_matrices(shifts, side: int):
    """(n, side, side) matrices that move a row of pixels by `shifts` (n,)."""
    source = tf.range(side) - shifts[:, tf.newaxis]
    return tf.one_hot(source, side)  # rows of zeros outside the image


def cut_out(images, amounts, share: float):
    """Blank a square of `share` of the side around a random pixel of each image.

    Args:
        amounts: in [0, 1), (2, n): row and column of the square's centre.
    """
    side = images.shape[1]
    size = int(side * share + 0.5)
    centres = tf.cast(tf.floor(amounts * (side + 1 - size % 2)), tf.int32)
    distance = tf.range(side) - (centres[:, :, tf.newaxis] - size // 2)
    inside = tf.cast((distance >= 0) & (distance < size), images.dtype)
    hole = inside[0][:, :, tf.newaxis, tf.newaxis] * inside[1][:, tf.newaxis, :, tf.newaxis]
    return images * (1 - hole)
