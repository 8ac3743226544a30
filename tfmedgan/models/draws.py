"""What a model draws for its generator, and the labels that its discriminator is told."""

from functools import partial
from typing import Any

import tensorflow as tf

from tfmedgan.models import replicas
from tfmedgan.seeding import step_key


class Draws:
    """Latent vectors and labels from the seed, the name of the draw and the update it is for."""

    config: Any
    seed: int
    label_fade: tuple[int, ...]
    generator_optimizer: Any
    discriminator_optimizer: Any

    def draw(self, count, stream: str, step, labels=None, rows=replicas.rows):
        """Generator inputs for `count` images: z ~ N(0, 1), with labels if conditional.

        Args:
            labels: (count,) of a conditional model; drawn uniformly by default.
            rows: `replicas.all_rows` where every replica needs all rows.
        """
        key = step_key(self.seed, f"z/{stream}", step)
        size = self.config.latent_dim
        z = rows(lambda n: tf.random.stateless_normal((n, size), key, alg="philox"), count)
        if not self.config.conditional:
            return z
        return [z, rows(partial(self._labels, stream, step), count) if labels is None else labels]

    def _labels(self, stream: str, step, count):
        key = step_key(self.seed, f"labels/{stream}", step)
        return tf.random.stateless_uniform(
            (count,), key, 0, self.config.n_classes, tf.int32, alg="philox"
        )

    def labels_of(self, inputs):
        """The labels in what `draw` returned; None if unconditional."""
        return inputs[1] if self.config.conditional else None

    def told_labels(self, labels):
        """Labels as the discriminator hears them while they fade in: some, or all, at random.

        With labels from the start a conditional GAN collapses on few images (Shahbazi et al.
        2022, who scale the labels' part of both networks from 0 to 1 instead). Random labels
        teach both networks to disregard them, whatever way the label enters.
        """
        first, last = self.label_fade
        if not last:
            return labels
        step, count = self.discriminator_optimizer.iterations, tf.shape(labels)[0]
        passed = tf.cast(self.generator_optimizer.iterations, tf.float32) - first
        key = step_key(self.seed, "label fade", step)
        chances = replicas.rows(
            lambda n: tf.random.stateless_uniform((n,), key, alg="philox"), count
        )
        others = replicas.rows(partial(self._labels, "label fade", step), count)
        return tf.where(chances < passed / (last - first), tf.cast(labels, tf.int32), others)
