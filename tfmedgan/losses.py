"""Adversarial losses: pure functions of the discriminator's scores, shape (n, 1)."""

import keras
import tensorflow as tf


def binary_cross_entropy(scores, target: float, from_logits: bool):
    """Mean cross-entropy of `scores` against the constant `target` (1: real, 0: fake).

    Goodfellow et al. 2014, eq. 1; with target 1 on fakes it is the
    non-saturating generator loss of their section 3. Inside a graph Keras takes
    the logits from under a sigmoid, so saturated probabilities keep a gradient.
    """
    targets = tf.fill(tf.shape(scores), tf.cast(target, scores.dtype))
    return tf.reduce_mean(
        keras.losses.binary_crossentropy(targets, scores, from_logits=from_logits)
    )
