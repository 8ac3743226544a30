"""Class-conditional GAN with embedded labels, functional API (iut2023 §3.3.1).

The label enters both networks as one extra plane of the image: embedding,
dense layer, reshape, concatenation.
"""

import keras
import tensorflow as tf
from keras import layers

from tfmedgan.architectures.cgan import CGANConfig
from tfmedgan.losses import binary_cross_entropy
from tfmedgan.models import blocks, energy, fast_layers
from tfmedgan.models.base import MODELS, STANDARD_METRICS, AdversarialModel


def define_generator(
    latent_dim, n_classes=5, *, image_shape=(32, 32, 3), embedding_dim=50, embedding_stddev=None
) -> keras.Model:
    """Generator: z (n, latent_dim), label (n,) → images (n, H, W, C) in [-1, 1].

    Two doublings from a quarter of the image size (iut2023 §3.3.1). The kernel
    of the last layer, 8, is not in the document.
    """
    size, _, channels = image_shape
    grid = size // 4
    z = keras.Input((latent_dim,), name="z")
    label = keras.Input((), dtype="int32", name="label")
    x = layers.Dense(128 * grid * grid)(z)
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Reshape((grid, grid, 128))(x)
    plane = _label_plane(label, n_classes, embedding_dim, embedding_stddev, grid)
    x = layers.Concatenate()([x, plane])
    for _ in range(2):
        x = fast_layers.Conv2DTranspose(128, 4, strides=2, padding="same")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = fast_layers.FewFiltersConv2D(channels, 8, padding="same")(x)
    images = layers.Activation("tanh", dtype=blocks.full_precision(), name="images")(x)
    return keras.Model([z, label], images, name="generator")


def define_discriminator(
    in_shape=(32, 32, 3), n_classes=5, *, embedding_dim=50, embedding_stddev=None, dropout_seed=0
) -> keras.Model:
    """Discriminator: images (n, H, W, C), label (n,) → probability of being real (n, 1).

    iut2023 §3.3.1; the dropout rate, 0.4, is not in the document.
    """
    image = keras.Input(in_shape, name="image")
    label = keras.Input((), dtype="int32", name="label")
    plane = _label_plane(label, n_classes, embedding_dim, embedding_stddev, in_shape[0])
    x = layers.Concatenate()([image, plane])
    for _ in range(2):
        x = layers.Conv2D(128, 3, strides=2, padding="same")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.4, seed=dropout_seed)(x)
    real = layers.Dense(1, activation="sigmoid", dtype=blocks.full_precision(), name="real")(x)
    return keras.Model([image, label], real, name="discriminator")


def define_gan(g_model, d_model) -> keras.Model:
    """The composite of iut2023 §3.3.1: z, label → D(G(z, label), label), discriminator frozen.

    Kept for code written in the thesis's way; `CGAN` trains without it.
    """
    d_model.trainable = False
    z, label = g_model.inputs
    return keras.Model([z, label], d_model([g_model.output, label]), name="gan")


def _label_plane(label, n_classes, embedding_dim, embedding_stddev, size):
    initial = "uniform"
    if embedding_stddev is not None:
        initial = keras.initializers.RandomNormal(stddev=embedding_stddev)
    x = layers.Embedding(n_classes, embedding_dim, embeddings_initializer=initial)(label)
    x = layers.Dense(size * size)(x)
    return layers.Reshape((size, size, 1))(x)


@MODELS.register("CGANConfig")
@keras.saving.register_keras_serializable("tfmedgan")
class CGAN(AdversarialModel):
    """The conditional GAN with the document's schedule of updates."""

    @property
    def metric_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return (*STANDARD_METRICS, *energy.columns(self.config))

    @staticmethod
    def build_networks(config: CGANConfig):
        embedding = {
            "embedding_dim": config.embedding_dim,
            "embedding_stddev": config.embedding_stddev,
        }
        generator = define_generator(
            config.latent_dim, config.n_classes, image_shape=config.image_shape, **embedding
        )
        return generator, define_discriminator(config.image_shape, config.n_classes, **embedding)

    def train_step(self, data):
        """One update on a half-batch of reals, one on fakes, one of the generator on both."""
        real, labels = self.unpack(data)
        half = tf.shape(real)[0]
        inputs = self.draw(half, "discriminator", self.discriminator_optimizer.iterations)
        fake = self.generator(inputs, training=True)
        real_loss, of_real = self.update_discriminator(
            lambda: self._score(real, labels, 1.0, "real")
        )
        fake_loss, of_fake = self.update_discriminator(
            lambda: self._score(fake, inputs[1], 0.0, "fake")
        )
        self.adapt_augmentation(tf.reduce_mean(tf.sign(of_real - 0.5)), half)

        asked = tf.concat([labels, labels], axis=0) if self.config.energy_weight else None
        inputs = self.draw(2 * half, "generator", self.generator_optimizer.iterations, asked)
        _, g_loss, after, distance = self.update_generator(
            lambda: self._generator_loss(inputs, real, labels)
        )
        return self.update_metrics(
            d_loss=real_loss + fake_loss,
            g_loss=g_loss,
            d_real=tf.reduce_mean(of_real),
            d_fake_before=tf.reduce_mean(of_fake),
            d_fake_after=tf.reduce_mean(after),
            energy=distance,
        )

    def _generator_loss(self, inputs, real, labels):
        """What the generator minimises, its cross-entropy, its scores, and its energy distance."""
        fake = self.generator(inputs, training=True)
        loss, scores = self._score(fake, inputs[1], 1.0, "generator")
        as_many = fake[: tf.shape(real)[0]]
        total, distance = energy.added(self.config, loss, real, as_many, labels)
        return total, loss, scores, distance

    def _score(self, images, labels, target, stream):
        """Cross-entropy against `target`, and the probabilities of being real (n, 1)."""
        scores = self.score(self.augmented(images, stream), labels)
        return binary_cross_entropy(scores, target, from_logits=False), scores
