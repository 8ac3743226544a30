"""Sequential DCGAN for 28×28 images (iut2023 §3.3.2)."""

import keras
import tensorflow as tf
from keras import layers

from tfmedgan.architectures.dcgan import DCGANConfig
from tfmedgan.losses import binary_cross_entropy
from tfmedgan.models.base import MODELS, AdversarialModel


def make_generator_model(latent_dim=100, image_shape=(28, 28, 1)) -> keras.Sequential:
    """Generator: z (n, latent_dim) → images (n, H, W, C) in [-1, 1] (iut2023 §3.3.2)."""
    size, _, channels = image_shape
    grid = size // 4
    stages = [(128, 1), (64, 2)]  # filters, stride
    upsampling = [
        layer
        for filters, stride in stages
        for layer in (
            layers.Conv2DTranspose(filters, 5, strides=stride, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.3),
        )
    ]
    return keras.Sequential(
        [
            keras.Input((latent_dim,), name="z"),
            layers.Dense(grid * grid * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Reshape((grid, grid, 256)),
            *upsampling,
            layers.Conv2DTranspose(channels, 5, strides=2, padding="same", use_bias=False),
            layers.Activation("tanh", dtype="float32", name="images"),
        ],
        name="generator",
    )


def make_discriminator_model(image_shape=(28, 28, 1), *, dropout_seed=0) -> keras.Sequential:
    """Discriminator: images (n, H, W, C) → logit of being real (n, 1) (iut2023 §3.3.2)."""
    return keras.Sequential(
        [
            keras.Input(image_shape, name="image"),
            layers.Conv2D(64, 5, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Dropout(0.3, seed=dropout_seed),
            layers.Conv2D(128, 5, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Dropout(0.3, seed=dropout_seed + 1),
            layers.Flatten(),
            layers.Dense(1, dtype="float32", name="logit"),
        ],
        name="discriminator",
    )


@MODELS.register("DCGANConfig")
@keras.saving.register_keras_serializable("tfmedgan")
class DCGAN(AdversarialModel):
    """The DCGAN, both networks updated on the same fakes."""

    @staticmethod
    def build_networks(config: DCGANConfig):
        generator = make_generator_model(config.latent_dim, config.image_shape)
        return generator, make_discriminator_model(config.image_shape)

    def train_step(self, data):
        """One discriminator update on reals and fakes together, then one of the generator."""
        real, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        step = self.generator_optimizer.iterations
        z = self.draw(tf.shape(real)[0], "z", step)
        fake = self.generator(z, training=True)
        d_loss, d_real, before = self.update_discriminator(lambda: self._judge(real, fake))
        g_loss, after = self.update_generator(
            lambda: self._score(self.generator(z, training=True), 1.0)
        )
        return self.record(
            d_loss=d_loss, g_loss=g_loss, d_real=d_real, d_fake_before=before, d_fake_after=after
        )

    def _judge(self, real, fake):
        real_loss, d_real = self._score(real, 1.0)
        fake_loss, d_fake = self._score(fake, 0.0)
        return real_loss + fake_loss, d_real, d_fake

    def _score(self, images, target):
        """Cross-entropy against `target`, and the mean D(x)."""
        logits = self.discriminator(images, training=True)
        loss = binary_cross_entropy(logits, target, from_logits=True)
        return loss, tf.reduce_mean(tf.sigmoid(logits))
