"""StyleGAN2 with adaptive augmentation (Karras et al. 2020a and b), with labels or without.

Both networks learn from one batch of fakes by the non-saturating logistic loss. Two penalties,
R1 of the discriminator and the path length of the generator, are taken at some of the updates
only, and then count so much more (lazy regularisation, Karras et al. 2020a, section 3.1). The
paper gives each an update of its own and corrects the rate and the moments of Adam for those;
here their gradients join those of the step, so that there is nothing to correct.
"""

import keras
import tensorflow as tf

from tfmedgan.architectures.stylegan2 import StyleGAN2Config
from tfmedgan.losses import binary_cross_entropy, gradient_square, path_lengths
from tfmedgan.models import energy, replicas
from tfmedgan.models.base import MODELS, AdversarialModel
from tfmedgan.models.lazy_penalties import lazily, sums
from tfmedgan.models.stylegan2_networks import (
    build_discriminator,
    build_generator,
    noise_size,
    num_styles,
)
from tfmedgan.seeding import step_key

PATH_PART = 2  # path lengths are measured at one in so many images of a batch
PATH_PACE = 0.01  # of the running mean of path lengths


@MODELS.register("StyleGAN2Config")
@keras.saving.register_keras_serializable("tfmedgan")
class StyleGAN2(AdversarialModel):
    """One batch of fakes, some of two styles each, updates both networks at once."""

    config: StyleGAN2Config
    from_logits = True

    def __init__(self, config: StyleGAN2Config, seed: int = 0, **kwargs):
        super().__init__(config, seed, **kwargs)
        self.mapping = self.generator.get_layer("mapping")
        self.synthesis = self.generator.get_layer("synthesis")
        self.path_length = keras.Variable(
            0.0, trainable=False, dtype=self.variable_dtype, name="path_length"
        )

    @property
    def metric_names(self) -> tuple[str, ...]:  # type: ignore[override]
        paths = ("path_length",) if self.config.path_length_weight else ()
        further = (*paths, *energy.columns(self.config))
        return ("d_loss", "g_loss", "d_real", "d_fake_before", "r1", *further)

    @staticmethod
    def build_networks(config: StyleGAN2Config):
        return build_generator(config), build_discriminator(config)

    def train_step(self, data):
        """A fake image has the label of a real one, if any, so that classes are as frequent."""
        real, labels = self.unpack(data)
        with self.gradient_tape(self.generator) as tape:
            fake = self.synthesis([self._styles(real, labels, "fake"), self._noise(real, "fake")])
        metrics, correct, d_gradients, fake_gradient = self._compare(real, fake, labels)
        g_gradients = self.gradients(tape, fake, self.generator, fake_gradient)
        if self.config.path_length_weight:
            metrics["path_length"], smoothing = self._regularised_paths(real, labels)
            g_gradients = sums(g_gradients, smoothing)
        self.apply_gradients(d_gradients, self.discriminator)
        self.apply_gradients(g_gradients, self.generator)
        self.adapt_augmentation(correct, tf.shape(real)[0])
        return self.update_metrics(**metrics)

    def _styles(self, real, labels, stream: str):
        """Styles (n, L, d) of as many fakes as reals, from a layer of each on another image's."""
        step, count = self.generator_optimizer.iterations, tf.shape(real)[0]
        first = self.mapping(self.draw(count, f"{stream}/z", step, labels))
        layers = num_styles(self.config.image_shape[0])
        styles = tf.repeat(first[:, tf.newaxis], layers, axis=1)
        if not self.config.style_mixing:
            return styles
        second = self.mapping(self.draw(count, f"{stream}/other z", step, labels))
        key = step_key(self.seed, f"{stream}/mixing", step)
        chances = replicas.rows(
            lambda n: tf.random.stateless_uniform((2, n, 1, 1), key, alg="philox"), count, axis=1
        )
        mixed, place = tf.unstack(chances)
        change = tf.where(mixed < self.config.style_mixing, 1 + place * (layers - 1), layers)
        number = tf.range(layers, dtype=change.dtype)[tf.newaxis, :, tf.newaxis]
        return tf.where(number < tf.floor(change), styles, second[:, tf.newaxis])

    def _noise(self, real, stream: str):
        """Noise for the maps of as many fakes as reals, anew for each stream and update."""
        return self._normal((noise_size(self.config.image_shape[0]),), real, f"{stream}/noise")

    def _normal(self, shape, real, stream: str):
        key = step_key(self.seed, stream, self.generator_optimizer.iterations)
        return replicas.rows(
            lambda n: tf.random.stateless_normal((n, *shape), key, dtype=real.dtype, alg="philox"),
            tf.shape(real)[0],
        )

    def _compare(self, real, fake, labels):
        """Values to log, how often reals are recognised, and what the losses ask of D and fakes.

        Returns:
            Metrics, mean sign(D(real)), gradients of the discriminator's weights, and the
            gradient in the fake images of what the generator minimises.
        """
        weights = [v.value for v in self.discriminator.trainable_variables]
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch([*weights, fake])
            seen = self.augmented(real, "real")
            of_real = self.score(seen, labels)
            of_fake = self.score(self.augmented(fake, "fake"), labels)
            d_loss = self.comparison_loss(of_real, of_fake)
            g_loss = binary_cross_entropy(of_fake, 1.0, from_logits=True)
            d_scaled = self.discriminator_optimizer.scale_loss(d_loss)
            total, distance = energy.added(self.config, g_loss, real, fake, labels)
            g_scaled = self.generator_optimizer.scale_loss(total)
        gradients = tape.gradient(d_scaled, weights)
        r1, smoothing = self._smoothed(tf.stop_gradient(seen), labels)
        metrics = {
            "d_loss": d_loss,
            "g_loss": g_loss,
            "d_real": tf.reduce_mean(tf.sigmoid(of_real)),
            "d_fake_before": tf.reduce_mean(tf.sigmoid(of_fake)),
            "r1": r1,
            "energy": distance,
        }
        correct = tf.reduce_mean(tf.sign(of_real))
        return metrics, correct, sums(gradients, smoothing), tape.gradient(g_scaled, fake)

    def _smoothed(self, seen, labels):
        """R1 of the reals, and its part of the discriminator's gradients."""

        def penalty():
            r1 = gradient_square(lambda images: self.score(images, labels), seen)
            return r1, r1

        config = self.config
        return lazily(self, self.discriminator, config.r1_every, config.r1_weight / 2, penalty)

    def _regularised_paths(self, real, labels):
        """Mean path length, and the generator's gradients of how much path lengths differ.

        That is the mean square distance from their running mean (Karras et al. 2020a, eq. 4).
        """
        some = real[::PATH_PART]  # of every part of a batch alike, so that replicas agree
        labels = None if labels is None else labels[::PATH_PART]
        mean = self.path_length.value

        def penalty():
            styles, noise = self._styles(some, labels, "path"), self._noise(some, "path")
            directions = self._normal(some.shape[1:], some, "path/directions")
            lengths = path_lengths(lambda ws: self.synthesis([ws, noise]), styles, directions)
            return tf.reduce_mean(tf.square(lengths - mean)), tf.reduce_mean(lengths)

        config = self.config
        every = config.path_length_every
        length, gradients = lazily(self, self.generator, every, config.path_length_weight, penalty)
        length = replicas.mean(length)
        due = tf.cast(length > 0, mean.dtype)  # 0 says that none was measured
        self.path_length.assign_add(due * PATH_PACE * (length / every - mean))
        return length, gradients

    @property
    def state(self) -> list:
        return [*super().state, self.path_length]
