"""The update that most GANs share (Goodfellow et al. 2014, with the non-saturating loss)."""

import tensorflow as tf

from tfmedgan.losses import binary_cross_entropy
from tfmedgan.models.base import AdversarialModel


class NonSaturatingGAN(AdversarialModel):
    """One discriminator update on reals and fakes, then one of the generator on the same fakes.

    A family subclasses it with `build_networks`.
    """

    def train_step(self, data):
        """The discriminator's gradient is the sum over a real and a fake batch."""
        real, labels = self.unpack(data)
        inputs = self.draw(tf.shape(real)[0], "z", self.generator_optimizer.iterations)
        drawn = self.labels_of(inputs)
        with self.gradient_tape(self.generator) as tape:
            fake = self.generator(inputs, training=True)
            with tape.stop_recording():
                d_loss, d_real, before, correct = self.update_discriminator(
                    lambda: self._compare(real, labels, fake, drawn)
                )
            g_loss, scores = self._score(fake, drawn, 1.0, "generator")
            scaled = self.generator_optimizer.scale_loss(g_loss)
        self.apply_gradients(self.gradients(tape, scaled, self.generator), self.generator)
        self.adapt_augmentation(correct, tf.shape(real)[0])
        after = tf.reduce_mean(scores)
        return self.update_metrics(
            d_loss=d_loss, g_loss=g_loss, d_real=d_real, d_fake_before=before, d_fake_after=after
        )

    def _compare(self, real, labels, fake, drawn):
        """Summed loss, mean D(x), mean D(G(z)), and how often reals are recognised."""
        real_loss, of_real = self._score(real, labels, 1.0, "real")
        fake_loss, of_fake = self._score(fake, drawn, 0.0, "fake")
        correct = tf.reduce_mean(tf.sign(of_real - 0.5))
        return real_loss + fake_loss, tf.reduce_mean(of_real), tf.reduce_mean(of_fake), correct

    def _score(self, images, labels, target, stream):
        """Cross-entropy against `target`, and the probabilities of being real (n, 1)."""
        scores = self.score(self.augmented(images, stream), labels)
        loss = binary_cross_entropy(scores, target, from_logits=self.from_logits)
        return loss, tf.sigmoid(scores) if self.from_logits else scores
