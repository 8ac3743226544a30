"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017), with labels or without."""

import keras
import tensorflow as tf

from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.losses import gradient_penalty, negative_score, wasserstein_distance
from tfmedgan.models import blocks, energy, replicas
from tfmedgan.models.base import MODELS, AdversarialModel
from tfmedgan.seeding import step_key


def build_generator(config: WGANGPConfig) -> keras.Model:
    """Generator: z (n, latent_dim), and labels (n,) if conditional → images in [-1, 1]."""
    inputs, z = blocks.latent_input(config)
    z = blocks.with_noise(z, config.noise_factor)
    filters = blocks.num_filters(blocks.SMALLEST, config.image_shape[0] // 2, config.ngf)
    x = blocks.project_and_reshape(z, filters, config.use_bias)
    images = blocks.upsample_stack(x, config.image_shape, config.ngf, use_bias=config.use_bias)
    return keras.Model(inputs, images, name="generator")


def build_critic(config: WGANGPConfig) -> keras.Model:
    """Critic: images, and labels (n,) if conditional → scores (n, 1), unbounded.

    Normalised per image, since the penalty is about each image's own gradient.
    """
    inputs, image = blocks.image_input(config)
    scores = blocks.downsample_stack(
        image, config.ndf, blocks.InstanceNorm, norm_first=True, use_bias=config.use_bias
    )
    return keras.Model(inputs, scores, name="critic")


@MODELS.register("WGANGPConfig")
@keras.saving.register_keras_serializable("tfmedgan")
class WGANGP(AdversarialModel):
    """Algorithm 1 of Gulrajani et al. 2017."""

    config: WGANGPConfig

    @property
    def metric_names(self) -> tuple[str, ...]:  # type: ignore[override]
        own = ("critic_loss", "g_loss", "wasserstein", "gradient_norm", "penalty")
        return (*own, *energy.columns(self.config))

    @staticmethod
    def build_networks(config: WGANGPConfig):
        return build_generator(config), build_critic(config)

    @property
    def critic(self) -> keras.Model:
        """The paper's word for this model's `discriminator`."""
        return self.discriminator

    def train_step(self, data):
        """`critic_steps` updates of the critic, then one of the generator."""
        images, labels = self.unpack(data)
        batches = [self._real_batch(k, images, labels) for k in range(self.config.critic_steps)]
        updates = [self.update_critic(*batch) for batch in batches]
        critic_loss, wasserstein, norm, penalty = map(tf.reduce_mean, zip(*updates, strict=True))
        g_loss, distance = self._update_generator(*batches[0])
        return self.update_metrics(
            critic_loss=critic_loss,
            g_loss=g_loss,
            wasserstein=wasserstein,
            gradient_norm=norm,
            penalty=penalty,
            energy=distance,
        )

    def _real_batch(self, k, images, labels):
        """Images and labels of the k-th critic update: a share of the step's, or all of them."""
        if not self.config.fresh_reals:
            return images, labels
        count = tf.shape(images)[0]
        share = tf.maximum(count // self.config.critic_steps, 1)
        rows = (k * share + tf.range(share)) % count
        return tf.gather(images, rows), tf.gather(labels, rows) if self.config.conditional else None

    def update_critic(self, real, labels=None):
        """One update on a batch of reals and as many new fakes, with the reals' labels.

        Returns:
            Critic's loss, Wasserstein estimate, mean gradient norm, penalty.
        """
        step = self.discriminator_optimizer.iterations
        inputs = self.draw(tf.shape(real)[0], "critic", step, labels)
        fake = self.augmented(self.generator(inputs, training=True), "fake")
        real = self.augmented(real, "real")
        x_hat = self.interpolated(real, fake, step)
        loss, *others, correct = self.update_discriminator(
            lambda: self._critic_loss(real, fake, x_hat, labels)
        )
        self.adapt_augmentation(correct, tf.shape(real)[0])
        return loss, *others

    def interpolated(self, real, fake, step):
        """x̂ = α·real + (1 − α)·fake, one α per image."""
        key = step_key(self.seed, "interpolation", step)
        kinds = {"uniform": tf.random.stateless_uniform, "normal": tf.random.stateless_normal}
        draw = kinds[self.config.interpolation]
        alpha = replicas.rows(lambda n: draw((n, 1, 1, 1), key, alg="philox"), tf.shape(real)[0])
        alpha = tf.cast(alpha, real.dtype)
        return alpha * real + (1 - alpha) * fake

    def _critic_loss(self, real, fake, x_hat, labels):
        """Loss, Wasserstein estimate, gradient norm, penalty, and how often reals are recognised.

        One pass over reals and fakes: nothing in the critic mixes the images of a batch.
        """
        doubled = None if labels is None else tf.concat([labels, labels], axis=0)
        scores = self.score(tf.concat([real, fake], axis=0), doubled)
        of_real, of_fake = tf.split(scores, 2)
        wasserstein = wasserstein_distance(of_real, of_fake)
        penalty, norms = gradient_penalty(lambda x: self.score(x, labels), x_hat)
        loss = self.config.penalty_weight * penalty - wasserstein
        middle = self.replica_mean((tf.reduce_mean(of_real) + tf.reduce_mean(of_fake)) / 2)
        correct = tf.reduce_mean(tf.sign(of_real - middle))
        return loss, wasserstein, tf.reduce_mean(norms), penalty, correct

    def _update_generator(self, real, labels):
        """One update of the generator; its loss is −mean(D(G(z))), and the energy distance's part.

        Returns:
            −mean(D(G(z))) and the energy distance of the fakes from `real`, whose labels they have
            where it counts.
        """
        asked = labels if self.config.energy_weight else None
        step = self.generator_optimizer.iterations
        inputs = self.draw(tf.shape(real)[0], "generator", step, asked)
        _, *losses = self.update_generator(lambda: self._generator_loss(inputs, real))
        return losses

    def _generator_loss(self, inputs, real):
        """What the generator minimises, and its two parts."""
        fake, labels = self.generator(inputs, training=True), self.labels_of(inputs)
        loss = negative_score(self.score(self.augmented(fake, "generator"), labels))
        total, distance = energy.added(self.config, loss, real, fake, labels)
        return total, loss, distance

    def augmented(self, images, stream=""):
        """As in the base class, in the critic's own range."""
        low, high = self.config.critic_range
        images = super().augmented(images, stream)
        return low + (images + 1) / 2 * (high - low)
