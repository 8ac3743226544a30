"""A trained critic's last feature map, read cell by cell by an LSTM (dfu-lstm)."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.classifiers.catalogue.critic_lstm import CriticLSTMConfig
from tfmedgan.classifiers.networks.parts import sequence_head
from tfmedgan.errors import InputError, require
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training.checkpoints import CheckpointStore


def build(config: CriticLSTMConfig) -> keras.Model:
    """The critic sees the images in its own range, as it did in training.

    Raises:
        InputError: when there is no trained, unconditional critic for images of this shape.
    """
    following = np.random.randint(2**31)  # loading the GAN sets the global seed to its own
    critic, value_range = _trained_critic(config)
    keras.utils.set_random_seed(following)
    features = keras.Model(critic.inputs, last_map(critic), name="critic_features")
    features.trainable = config.fine_tune
    low, high = value_range
    inputs = keras.Input(config.image_shape, name="image")
    x = layers.Rescaling((high - low) / 255, offset=low, name="range")(inputs)
    return keras.Model(inputs, sequence_head(features(x), config), name="critic_lstm")


def _trained_critic(config: CriticLSTMConfig):
    from tfmedgan.training.loop import build as build_gan

    require(
        bool(config.critic),
        "critic-lstm needs a trained critic; give --critic RUN, a run of wgan-gp or wgan-gp-lstm",
    )
    run = RunDirectory.open(Path(config.critic))
    model = run.experiment.model
    origin = f"--critic {config.critic}"
    if not isinstance(model, WGANGPConfig) or model.conditional:
        raise InputError(
            f"{origin}: {run.experiment.name} has no critic without labels; give a wgan-gp run"
        )
    require(
        tuple(model.image_shape) == tuple(config.image_shape),
        f"{origin}: its critic takes {model.image_shape}, not {config.image_shape}; "
        f"use --image-size {model.image_shape[0]} --channels {model.image_shape[2]}",
    )
    gan, store = build_gan(run.experiment), CheckpointStore(run.checkpoints)
    if not store.paths():
        raise InputError(f"{origin}: has no checkpoint yet; train it first")
    store.restore(gan)
    return gan.critic, model.critic_range


def last_map(critic: keras.Model):
    """What the critic's last convolution, which makes the score, looks at."""
    convolutions = [layer for layer in critic.layers if isinstance(layer, layers.Conv2D)]
    return convolutions[-1].input
