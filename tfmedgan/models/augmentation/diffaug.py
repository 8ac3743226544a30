"""Differentiable augmentation (Zhao et al. 2020): colour, translation, cutout."""

import tensorflow as tf

from tfmedgan.augmentation import DiffAugment
from tfmedgan.models import replicas
from tfmedgan.models.augmentation.colour import brighten, contrast, saturate


class DiffAugmentPipe:
    """All transformations for every image, of amounts drawn uniformly from their ranges."""

    def __init__(self, config: DiffAugment):
        self.config = config
        self.variables = []

    def __call__(self, images, key):
        amounts = replicas.rows(
            lambda n: tf.random.stateless_uniform((8, n), key, alg="philox"),
            tf.shape(images)[0],
            axis=1,
        )
        images = self._recolour(images, 2 * amounts[:3, :, tf.newaxis, tf.newaxis, tf.newaxis] - 1)
        images = translate(images, amounts[3:5], self.config.translation)
        chosen = amounts[7] < self.config.cutout_probability
        return cut_out(images, amounts[5:7], self.config.cutout, chosen)

    def _recolour(self, images, amounts):
        """`amounts` in [-1, 1): of brightness, saturation and contrast."""
        config = self.config
        if config.brightness:
            images = brighten(images, config.brightness * amounts[0])
        if config.saturation:
            images = saturate(images, 1 + config.saturation * amounts[1])
        if config.contrast:
            images = contrast(images, 1 + config.contrast * amounts[2])
        return images

    def adapt(self, correct, count) -> None:
        """Nothing to adapt."""


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


def cut_out(images, amounts, share: float, chosen):
    """Blank a square of `share` of the side around a random pixel of the chosen images.

    Args:
        amounts: in [0, 1), (2, n): row and column of the square's centre.
        chosen: bool, (n,).
    """
    side = images.shape[1]
    size = int(side * share + 0.5)
    centres = tf.cast(tf.floor(amounts * (side + 1 - size % 2)), tf.int32)
    distance = tf.range(side) - (centres[:, :, tf.newaxis] - size // 2)
    inside = (distance >= 0) & (distance < size)
    inside = tf.cast(inside & chosen[:, tf.newaxis], images.dtype)
    hole = inside[0][:, :, tf.newaxis, tf.newaxis] * inside[1][:, tf.newaxis, :, tf.newaxis]
    return images * (1 - hole)
