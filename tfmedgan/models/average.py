"""A moving average of the generator's weights, for sampling (Yazıcı et al. 2019)."""

import keras
import tensorflow as tf


def copy(network: keras.Model) -> keras.Model:
    """The same network with variables of its own and the same values."""
    twin = keras.models.clone_model(network)
    twin.set_weights(network.get_weights())
    return twin


def update_ema(ema_network: keras.Model, network: keras.Model, ema: float, step) -> None:
    """Move the averaged weights, fast in the first steps: decay min(ema, (1 + t) / (10 + t)).

    Averaged weights give other activations than any of the networks that they come from,
    so BatchNorm's statistics are not averaged: the caller passes a batch of its own through.
    """
    t = tf.cast(step, tf.float32)
    share = 1 - tf.minimum(ema, (1 + t) / (10 + t))
    pairs = zip(ema_network.trainable_variables, network.trainable_variables, strict=True)
    for mean, new in pairs:
        mean.value.assign_add(tf.cast(share, mean.dtype) * (new.value - mean.value))


def has_batch_norm(network: keras.Model) -> bool:
    return any(isinstance(layer, keras.layers.BatchNormalization) for layer in network.layers)
