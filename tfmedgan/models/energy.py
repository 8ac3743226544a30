"""How far a batch of generated images is from one of reals, taken together.

A discriminator judges images one by one, and lets a generator leave out what is rare. One that
normalises its maps, over a batch or over each image, does not even see how strong the contrast of
an image is. So a generator may also be told the energy distance of its batch, reduced to small
copies, from that of the reals, which asks for their contrast and their variety.
"""

import math

import tensorflow as tf

from tfmedgan.config import ModelConfig
from tfmedgan.losses import energy_distance
from tfmedgan.models import replicas

BLOCKS = 16  # in each direction, of the copies whose energy distance counts


def columns(config: ModelConfig) -> tuple[str, ...]:
    """What the log has of it; nothing without a weight, as in older runs."""
    return ("energy",) if config.energy_weight else ()


def added(config: ModelConfig, loss, real, fake, labels):
    """A generator's loss with the energy distance of its batch, weighed; and the distance."""
    if not config.energy_weight:
        return loss, tf.zeros(())
    distance = batch_energy(config, real, fake, labels)
    return loss + config.energy_weight * distance, distance


def batch_energy(config: ModelConfig, real, fake, labels):
    """Energy distance of the small copies of a batch.

    Beside its pixels a copy has its label, which counts as much as the pixels that reals differ
    in, so that each class has to vary as it does in the reals.

    Args:
        real: images (n, height, width, channels), and `fake` likewise.
        labels: (n,), of both; of a model without labels not looked at.
    """
    vectors = [replicas.gathered(small_copies(images)) for images in (real, fake)]
    if config.conditional:
        spread = tf.math.reduce_std(vectors[0], axis=0)
        classes = tf.one_hot(replicas.gathered(labels), config.n_classes) * tf.norm(spread)
        vectors = [tf.concat([pixels, classes], axis=1) for pixels in vectors]
    return energy_distance(*vectors)


def small_copies(images):
    """How light and how rough an image is in each of 16×16 blocks, (n, 512 · channels).

    That is, the means of the blocks and twice their standard deviations. Smaller images are
    enlarged, so that a block has pixels that can differ.
    """
    if images.shape[1] < 2 * BLOCKS:
        images = tf.image.resize(images, (2 * BLOCKS, 2 * BLOCKS))
    side = images.shape[1] // BLOCKS

    def means(values):
        return tf.nn.avg_pool2d(values, side, side, "VALID")

    mean = means(images)
    variance = tf.maximum(means(tf.square(images)) - tf.square(mean), 0.0)
    # The small number keeps the slope of the root finite where a block is even.
    copies = tf.concat([mean, 2 * tf.sqrt(variance + 1e-5)], axis=3)
    return tf.reshape(copies, (-1, math.prod(copies.shape[1:])))
