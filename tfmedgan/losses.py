"""Adversarial losses, pure functions of scores (n, 1), and the gradient penalty."""

from collections.abc import Callable

import keras
import tensorflow as tf


def binary_cross_entropy(scores: tf.Tensor, target: float, from_logits: bool) -> tf.Tensor:
    """Mean cross-entropy of `scores` against the constant `target` (1: real, 0: fake).

    Goodfellow et al. 2014, eq. 1; with target 1 on fakes it is the
    non-saturating generator loss of their section 3. Inside a graph Keras takes
    the logits from under a sigmoid, so saturated probabilities keep a gradient.
    """
    targets = tf.fill(tf.shape(scores), tf.cast(target, scores.dtype))
    return tf.reduce_mean(
        keras.losses.binary_crossentropy(targets, scores, from_logits=from_logits)
    )


def wasserstein_distance(real_scores: tf.Tensor, fake_scores: tf.Tensor) -> tf.Tensor:
    """The critic's estimate, mean(D(real)) − mean(D(fake)) (Arjovsky et al. 2017, eq. 2)."""
    return tf.reduce_mean(real_scores) - tf.reduce_mean(fake_scores)


def gradient_penalty(
    critic: Callable[[tf.Tensor], tf.Tensor], x_hat: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """mean((‖∇D(x̂)‖₂ − 1)²), and the norms (n,) (Gulrajani et al. 2017, eq. 3).

    Args:
        critic: function of images (n, H, W, C) to scores (n, 1).
        x_hat: images between real and fake ones.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x_hat)
        scores = critic(x_hat)
    gradients = tape.gradient(scores, x_hat)
    # The slope of the square root is infinite at 0.
    norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]) + 1e-12)
    return tf.reduce_mean(tf.square(norms - 1)), norms
