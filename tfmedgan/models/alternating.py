"""The update that most GANs share (Goodfellow et al. 2014), with one of several losses."""

import tensorflow as tf

from tfmedgan.models import energy
from tfmedgan.models.base import STANDARD_METRICS, AdversarialModel


class AlternatingGAN(AdversarialModel):
    """One discriminator update on reals and fakes, then one of the generator on the same fakes.

    A family subclasses it with `build_networks`; its configuration's `loss` names what both
    minimise.
    """

    @property
    def metric_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return (*STANDARD_METRICS, *energy.columns(self.config))

    def train_step(self, data):
        """The discriminator's gradient is the sum over a real and a fake batch.

        Where images are judged in pairs, or batches together, the fakes have the reals' labels.
        """
        real, labels = self.unpack(data)
        together = self.adversarial_loss.of_pairs or self.config.energy_weight
        asked = labels if together else None
        inputs = self.draw(tf.shape(real)[0], "z", self.generator_optimizer.iterations, asked)
        drawn = self.labels_of(inputs)
        with self.gradient_tape(self.generator) as tape:
            fake = self.generator(inputs, training=True)
            with tape.stop_recording():
                d_loss, d_real, before, correct = self.update_discriminator(
                    lambda: self._compare(real, labels, fake, drawn)
                )
            g_loss, after = self._judge(real, labels, fake, drawn)
            total, distance = energy.added(self.config, g_loss, real, fake, labels)
            scaled = self.generator_optimizer.scale_loss(total)
        self.apply_gradients(self.gradients(tape, scaled, self.generator), self.generator)
        self.adapt_augmentation(correct, tf.shape(real)[0])
        return self.update_metrics(
            d_loss=d_loss, g_loss=g_loss, d_real=d_real, d_fake_before=before, d_fake_after=after,
            energy=distance,
        )  # fmt: skip

    def _compare(self, real, labels, fake, drawn):
        """Discriminator's loss, mean D(x), mean D(G(z)), and how often reals are recognised."""
        loss = self.adversarial_loss
        of_real, of_fake = self._scores(real, labels, "real"), self._scores(fake, drawn, "fake")
        realness = loss.realness(of_real, of_fake)
        correct = tf.reduce_mean(tf.sign(realness - 0.5))
        before = tf.reduce_mean(loss.realness(of_fake, of_real))
        return loss.discriminator(of_real, of_fake), tf.reduce_mean(realness), before, correct

    def _judge(self, real, labels, fake, drawn):
        """Generator's loss, and mean D(G(z)); reals are scored only where pairs are judged."""
        loss, of_fake = self.adversarial_loss, self._scores(fake, drawn, "generator")
        of_real = self._scores(real, labels, "generator/real") if loss.of_pairs else of_fake
        return loss.generator(of_fake, of_real), tf.reduce_mean(loss.realness(of_fake, of_real))

    def _scores(self, images, labels, stream):
        return self.score(self.augmented(images, stream), labels)
