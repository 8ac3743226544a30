"""Relativistic GAN for few images (after Huang et al. 2024), with labels or without.

"The GAN is dead; long live the GAN!" pairs each real image with a fake one and keeps the
discriminator smooth around both.

A discriminator judges images one by one, and lets a generator leave out what is rare. So the
generator is also told how far its batch, reduced to small copies and taken together, is from that
of the reals (energy distance), which asks for their variety.
"""

import math

import keras
import tensorflow as tf

from tfmedgan.architectures.rgan import RGANConfig
from tfmedgan.losses import energy_distance, relativistic_loss, smoothness_penalty
from tfmedgan.models import replicas
from tfmedgan.models.base import MODELS, AdversarialModel
from tfmedgan.models.rgan_networks import build_discriminator, build_generator
from tfmedgan.seeding import step_key

BLOCKS = 16  # in each direction, of the copies whose energy distance counts


def small_copies(images):
    """How light and how rough an image is in each of 16×16 blocks, (n, 512 · channels).

    That is, the means of the blocks and twice their standard deviations.
    """
    side = images.shape[1] // BLOCKS

    def means(values):
        return tf.nn.avg_pool2d(values, side, side, "VALID")

    mean = means(images)
    variance = tf.maximum(means(tf.square(images)) - tf.square(mean), 0.0)
    # The small number keeps the slope of the root finite where a block is even.
    copies = tf.concat([mean, 2 * tf.sqrt(variance + 1e-5)], axis=3)
    return tf.reshape(copies, (-1, math.prod(copies.shape[1:])))


@MODELS.register("RGANConfig")
@keras.saving.register_keras_serializable("tfmedgan")
class RGAN(AdversarialModel):
    """Real and fake images in pairs; one batch of fakes updates both networks at once."""

    config: RGANConfig
    from_logits = True

    @property
    def metric_names(self) -> tuple[str, ...]:  # type: ignore[override]
        energy = ("energy",) if self.config.energy_weight else ()
        return ("d_loss", "g_loss", "d_real", "penalty", *energy)

    @staticmethod
    def build_networks(config: RGANConfig):
        return build_generator(config), build_discriminator(config)

    def train_step(self, data):
        """The real image of a pair and the fake one have the same label, if any."""
        real, labels = self.unpack(data)
        inputs = self.draw(tf.shape(real)[0], "z", self.generator_optimizer.iterations, labels)
        with self.gradient_tape(self.generator) as tape:
            fake = self.generator(inputs, training=True)
        metrics, correct, d_gradients, fake_gradient = self._compare(real, fake, labels)
        g_gradients = self.gradients(tape, fake, self.generator, fake_gradient)
        self.apply_gradients(d_gradients, self.discriminator)
        self.apply_gradients(g_gradients, self.generator)
        self.adapt_augmentation(correct, tf.shape(real)[0])
        return self.update_metrics(**metrics)

    def _compare(self, real, fake, labels):
        """Values to log, how often reals are recognised, and what the losses ask of D and fakes.

        Returns:
            Metrics, mean sign(D(real) − D(fake)), gradients of the discriminator's weights, and
            the gradient in the fake images of what the generator minimises.
        """
        weights = [v.value for v in self.discriminator.trainable_variables]
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch([*weights, fake])
            seen = [self.augmented(real, "real"), self.augmented(fake, "fake")]
            of_real, of_fake = (self.score(images, labels) for images in seen)
            d_loss = relativistic_loss(of_real, of_fake)
            g_loss = relativistic_loss(of_fake, of_real)
            energy = self._energy(real, fake, labels)
            d_scaled = self.discriminator_optimizer.scale_loss(d_loss)
            g_scaled = self.generator_optimizer.scale_loss(
                g_loss + self.config.energy_weight * energy
            )
        gradients = tape.gradient(d_scaled, weights)
        penalty, smoothing = self._smoothing([tf.stop_gradient(images) for images in seen], labels)
        wins = of_real - of_fake
        metrics = {
            "d_loss": d_loss,
            "g_loss": g_loss,
            "d_real": tf.reduce_mean(tf.sigmoid(wins)),
            "penalty": penalty,
            "energy": energy,
        }
        total = [tf.convert_to_tensor(g) + s for g, s in zip(gradients, smoothing, strict=True)]
        return metrics, tf.reduce_mean(tf.sign(wins)), total, tape.gradient(g_scaled, fake)

    def _energy(self, real, fake, labels):
        """Energy distance of the small copies of a batch; 0 if it has no weight.

        Beside its pixels a copy has its label, which counts as much as the pixels that reals
        differ in, so that each class has to vary as it does in the reals.
        """
        if not self.config.energy_weight:
            return tf.zeros(())
        vectors = [replicas.gathered(small_copies(images)) for images in (real, fake)]
        if self.config.conditional:
            spread = tf.math.reduce_std(vectors[0], axis=0)
            classes = tf.one_hot(replicas.gathered(labels), self.config.n_classes) * tf.norm(spread)
            vectors = [tf.concat([pixels, classes], axis=1) for pixels in vectors]
        return energy_distance(*vectors)

    def _smoothing(self, seen, labels):
        """R1 + R2, and their part of the discriminator's gradients: 0 but at every k-th update."""
        weights = [v.value for v in self.discriminator.trainable_variables]

        def skipped():
            return [tf.zeros((), seen[0].dtype), *map(tf.zeros_like, weights)]

        def taken():
            with self.gradient_tape(self.discriminator) as tape:
                penalty = tf.add_n(
                    [self._penalty(images, labels, i) for i, images in enumerate(seen)]
                )
                weight = self.config.penalty_every * self.config.penalty_weight / 2
                scaled = self.discriminator_optimizer.scale_loss(weight * penalty)
            gradients = self.gradients(tape, scaled, self.discriminator)
            every = self.config.penalty_every  # so that an epoch's mean is that of the penalties
            return [every * penalty, *map(tf.convert_to_tensor, gradients)]

        due = self.discriminator_optimizer.iterations % self.config.penalty_every == 0
        penalty, *gradients = tf.cond(due, taken, skipped)
        return penalty, gradients

    def _penalty(self, images, labels, number: int):
        noise, stddev = self._noise(images, number), self.config.penalty_noise
        return smoothness_penalty(lambda x: self.score(x, labels), images, noise, stddev)

    def _noise(self, images, number: int):
        """What the penalty adds to this update's reals (number 0) or fakes (1)."""
        key = step_key(self.seed, f"penalty/{number}", self.discriminator_optimizer.iterations)
        options = {"stddev": self.config.penalty_noise, "dtype": images.dtype, "alg": "philox"}
        return replicas.rows(
            lambda n: tf.random.stateless_normal((n, *images.shape[1:]), key, **options),
            tf.shape(images)[0],
        )
