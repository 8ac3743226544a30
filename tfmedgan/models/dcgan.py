"""Sequential DCGAN for 28×28 images (iut2023 §3.3.2)."""

import keras
from keras import layers

from tfmedgan.architectures.dcgan import DCGANConfig
from tfmedgan.models import blocks, fast_layers
from tfmedgan.models.alternating import AlternatingGAN
from tfmedgan.models.base import MODELS


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
            fast_layers.BatchNorm(),
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
            layers.Activation("tanh", dtype=blocks.full_precision(), name="images"),
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
            layers.Dense(1, dtype=blocks.full_precision(), name="logit"),
        ],
        name="discriminator",
    )


@MODELS.register("DCGANConfig")
@keras.saving.register_keras_serializable("tfmedgan")
class DCGAN(AlternatingGAN):
    """The DCGAN, both networks updated on the same fakes."""

    from_logits = True

    @staticmethod
    def build_networks(config: DCGANConfig):
        generator = make_generator_model(config.latent_dim, config.image_shape)
        return generator, make_discriminator_model(config.image_shape)
