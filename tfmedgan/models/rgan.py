"""Relativistic GAN for few images (after Huang et al. 2024), with labels or without.

"The GAN is dead; long live the GAN!" pairs each real image with a fake one and keeps the
discriminator smooth around both. The generator is also told how far its whole batch is from that of
the reals (`energy`).
"""

import keras
import tensorflow as tf

from tfmedgan.architectures.rgan import RGANConfig
from tfmedgan.losses import relativistic_loss, smoothness_penalty
from tfmedgan.models import energy, replicas
from tfmedgan.models.base import MODELS, AdversarialModel
from tfmedgan.models.lazy_penalties import lazily, sums
from tfmedgan.models.rgan_networks import build_discriminator, build_generator
from tfmedgan.seeding import step_key


@MODELS.register("RGANConfig")
@keras.saving.register_keras_serializable("tfmedgan")
class RGAN(AdversarialModel):
    """Real and fake images in pairs; one batch of fakes updates both networks at once."""

    config: RGANConfig
    from_logits = True

    @property
    def metric_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return ("d_loss", "g_loss", "d_real", "penalty", *energy.columns(self.config))

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
            g_total, distance = energy.added(self.config, g_loss, real, fake, labels)
            d_scaled = self.discriminator_optimizer.scale_loss(d_loss)
            g_scaled = self.generator_optimizer.scale_loss(g_total)
        gradients = tape.gradient(d_scaled, weights)
        penalty, smoothing = self._smoothing([tf.stop_gradient(images) for images in seen], labels)
        wins = of_real - of_fake
        metrics = {
            "d_loss": d_loss,
            "g_loss": g_loss,
            "d_real": tf.reduce_mean(tf.sigmoid(wins)),
            "penalty": penalty,
            "energy": distance,
        }
        correct = tf.reduce_mean(tf.sign(wins))
        return metrics, correct, sums(gradients, smoothing), tape.gradient(g_scaled, fake)

    def _smoothing(self, seen, labels):
        """R1 + R2, and their part of the discriminator's gradients."""

        def penalty():
            both = tf.add_n([self._penalty(images, labels, i) for i, images in enumerate(seen)])
            return both, both

        every, weight = self.config.penalty_every, self.config.penalty_weight / 2
        return lazily(self, self.discriminator, every, weight, penalty)

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
