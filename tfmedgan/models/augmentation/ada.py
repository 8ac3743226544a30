"""Adaptive discriminator augmentation (Karras et al. 2020)."""

import math

import keras
import tensorflow as tf

from tfmedgan.config import AdaptiveAugment
from tfmedgan.models import replicas
from tfmedgan.models.augmentation.colour import brighten, contrast, recoloured, saturate
from tfmedgan.models.augmentation.warp import affine, warp

# Each happens or not, independently, for each image.
PLACE = ("mirror", "quarter turn", "shift", "scale", "rotation", "stretch", "drift")
COLOUR = ("brightness", "contrast", "saturation")


class AdaptivePipe:
    """The paper's pixel, geometric and colour transformations, each with probability p.

    Left out are its image-space filtering, noise and cutout, which did not help its authors,
    and luma flips and turns of the hue, which change what a medical image shows.
    """

    def __init__(self, config: AdaptiveAugment):
        self.config = config
        self.p = keras.Variable(0.0, trainable=False, name="p")
        self.signs = keras.Variable(0.0, trainable=False, name="sum_of_signs")
        self.updates = keras.Variable(0, trainable=False, dtype="int32", name="updates")
        self.variables = [self.p, self.signs, self.updates]

    def __call__(self, images, key):
        keys = tf.random.split(key, 3, alg="philox")
        names = (*PLACE, *COLOUR)
        count = tf.shape(images)[0]
        chances = _drawn(tf.random.stateless_uniform, len(names), count, keys[0])
        happens = tf.cast(chances < self.p.value, tf.float32)
        on = dict(zip(names, tf.unstack(happens), strict=True))
        uniform = tf.unstack(_drawn(tf.random.stateless_uniform, 5, count, keys[1]))
        normal = tf.unstack(_drawn(tf.random.stateless_normal, 7, count, keys[2]))
        images = warp(images, _places(on, uniform, normal))
        return recoloured(images, lambda image: _recolour(image, on, normal[4:]))

    def adapt(self, correct, count) -> None:
        """Move p every few updates by the sign of r_t − target (section 3.1 of the paper)."""
        interval = self.config.interval
        correct, count = replicas.mean(correct), replicas.total(count)
        self.signs.assign_add(correct)
        self.updates.assign_add(1)
        due = tf.cast(self.updates.value % interval == 0, tf.float32)
        pace = tf.cast(count * interval, tf.float32) / self.config.images
        change = due * pace * tf.sign(self.signs.value / interval - self.config.target)
        self.p.assign(tf.clip_by_value(self.p.value + change, 0.0, 1.0))
        self.signs.assign(self.signs.value * (1 - due))


def _drawn(distribution, amounts: int, count, key):
    """(amounts, count), a column per image."""
    return replicas.rows(lambda n: distribution((amounts, n), key, alg="philox"), count, axis=1)


def _places(on, uniform, normal):
    """Where each pixel of the result comes from; standard deviations and ranges of the paper."""
    mirror = 1 - 2 * on["mirror"] * tf.round(uniform[0])
    quarter = on["quarter turn"] * tf.floor(4 * uniform[1]) * (math.pi / 2)
    turn = on["rotation"] * math.pi * (2 * uniform[2] - 1)
    scale = _exp2(0.2 * on["scale"] * normal[0])
    stretch = _exp2(0.2 * on["stretch"] * normal[1])
    # Half the image is 1, so an eighth of its side is a quarter.
    across = 0.25 * (on["shift"] * (2 * uniform[3] - 1) + on["drift"] * normal[2])
    down = 0.25 * (on["shift"] * (2 * uniform[4] - 1) + on["drift"] * normal[3])
    return affine(quarter + turn, mirror * scale * stretch, scale / stretch, across, down)


def _recolour(images, on, normal):
    def amount(name, index):
        return (on[name] * normal[index])[:, tf.newaxis, tf.newaxis, tf.newaxis]

    images = brighten(images, 0.2 * amount("brightness", 0))
    images = contrast(images, _exp2(0.5 * amount("contrast", 1)))
    return saturate(images, _exp2(amount("saturation", 2)))


def _exp2(exponents):
    return tf.pow(2.0, exponents)
