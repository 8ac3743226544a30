"""Differentiable augmentation (Zhao et al. 2020): colour, translation, cutout; and noise."""

import numpy as np
import tensorflow as tf

from tfmedgan.config import DiffAugment
from tfmedgan.models import replicas
from tfmedgan.models.augmentation.colour import brighten, contrast, recoloured, saturate

COLOURS = (brighten, saturate, contrast)
NEUTRAL = np.array([0, 1, 1], np.float32)  # brightness, saturation, contrast of an image as it is


class DiffAugmentPipe:
    """All transformations for every image, of amounts drawn uniformly from their ranges."""

    def __init__(self, config: DiffAugment):
        self.config = config
        self.variables: list[tf.Variable] = []

    def __call__(self, images, key):
        config = self.config
        amounts = replicas.rows(
            lambda n: tf.random.stateless_uniform((8, n), key, alg="philox"),
            tf.shape(images)[0],
            axis=1,
        )
        colours = amounts[:3, :, tf.newaxis, tf.newaxis, tf.newaxis]
        images = recoloured(images, lambda image: self._recolour(image, colours))
        images = translate(images, amounts[3:5], config.translation)
        some = config.cutout_probability < 1
        chosen = amounts[7] < config.cutout_probability if some else None
        images = cut_out(images, amounts[5:7], config.cutout, chosen)
        return images + self._noise(images, key) if config.noise else images

    def _noise(self, images, key):
        key = tf.random.experimental.stateless_fold_in(key, 1)  # another draw than the amounts
        shape = images.shape[1:]
        return self.config.noise * replicas.rows(
            lambda n: tf.random.stateless_normal((n, *shape), key, alg="philox"),
            tf.shape(images)[0],
        )

    def _recolour(self, images, amounts):
        """`amounts` in [0, 1): of brightness, saturation and contrast."""
        config = self.config
        reach = np.array([config.brightness, config.saturation, config.contrast], np.float32)
        lowest, span = (x.reshape(3, 1, 1, 1, 1) for x in (NEUTRAL - reach, 2 * reach))
        amounts = lowest + span * amounts
        for operation, strength, amount in zip(COLOURS, reach, tf.unstack(amounts), strict=True):
            images = operation(images, amount) if strength else images
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


def cut_out(images, amounts, share: float, chosen=None):
    """Blank a square of `share` of the side around a random pixel of the chosen images, or of all.

    Args:
        amounts: in [0, 1), (2, n): row and column of the square's centre.
        chosen: bool, (n,).
    """
    side = images.shape[1]
    size = int(side * share + 0.5)
    centres = tf.cast(tf.floor(amounts * (side + 1 - size % 2)), tf.int32)
    distance = tf.range(side) - (centres[:, :, tf.newaxis] - size // 2)
    inside = (distance >= 0) & (distance < size)
    inside = inside if chosen is None else inside & chosen[:, tf.newaxis]
    inside = tf.cast(inside, images.dtype)
    hole = inside[0][:, :, tf.newaxis, tf.newaxis] * inside[1][:, tf.newaxis, :, tf.newaxis]
    return images * (1 - hole)
