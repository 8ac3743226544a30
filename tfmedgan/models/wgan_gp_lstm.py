"""WGAN-GP whose generator begins with an LSTM (dfu-lstm).

The document's generator turns z into 8×8×256 feature maps by two LSTM layers of 256 units.
64 time steps of 256 units are the 8×8 cells, so z is repeated 64 times (inferred).
"""

import keras
from keras import layers

from tfmedgan.architectures.wgan_gp_lstm import WGANGPLSTMConfig
from tfmedgan.models import blocks
from tfmedgan.models.base import MODELS
from tfmedgan.models.wgan_gp import WGANGP, build_critic

SIDE = 8  # of the grid of time steps


def build_generator(config: WGANGPLSTMConfig) -> keras.Model:
    """Generator: z (n, latent_dim), and labels (n,) if conditional → images in [-1, 1]."""
    inputs, z = blocks.latent_input(config)
    x = layers.RepeatVector(SIDE * SIDE)(blocks.with_noise(z, config.noise_factor))
    for layer in range(config.lstm_layers):
        x = layers.LSTM(
            config.lstm_units, return_sequences=True, dropout=config.lstm_dropout, seed=layer
        )(x)
    x = layers.Reshape((SIDE, SIDE, config.lstm_units))(x)
    images = blocks.upsample_stack(x, config.image_shape, config.ngf, use_bias=config.use_bias)
    return keras.Model(inputs, images, name="generator")


@MODELS.register("WGANGPLSTMConfig")
@keras.saving.register_keras_serializable("tfmedgan")
class WGANGPLSTM(WGANGP):
    """The WGAN-GP with another generator."""

    @staticmethod
    def build_networks(config: WGANGPLSTMConfig):  # type: ignore[override]  # of this family only
        return build_generator(config), build_critic(config)
