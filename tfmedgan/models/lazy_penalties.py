"""Penalties at every k-th update only, k times as strong (Karras et al. 2020a, section 3.1)."""

from collections.abc import Callable

import keras
import tensorflow as tf


def lazily(model, network: keras.Model, every: int, weight: float, penalty: Callable):
    """What a penalty says, and its part of a network's gradients: 0 but at every k-th update.

    Args:
        model: the `AdversarialModel` of the network.
        every: k.
        penalty: function → what is to be small, and what is to be logged.
    """
    weights = [v.value for v in network.trainable_variables]

    def skipped():
        return [tf.zeros((), weights[0].dtype), *map(tf.zeros_like, weights)]

    def taken():
        with model.gradient_tape(network) as tape:
            loss, value = penalty()
            scaled = model.optimizer_of(network).scale_loss(every * weight * loss)
        gradients = tape.gradient(scaled, weights, unconnected_gradients="zero")
        # So that an epoch's mean is that of the values.
        return [every * value, *map(tf.convert_to_tensor, gradients)]

    due = model.optimizer_of(network).iterations % every == 0
    value, *gradients = tf.cond(due, taken, skipped)
    return value, gradients


def sums(gradients, others) -> list:
    """Gradients and what a penalty adds to them."""
    return [tf.convert_to_tensor(g) + other for g, other in zip(gradients, others, strict=True)]
