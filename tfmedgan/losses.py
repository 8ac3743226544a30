"""Adversarial losses, pure functions of scores (n, 1), and the gradient penalty."""

from collections.abc import Callable

import keras
import tensorflow as tf

Scores = Callable[[tf.Tensor], tf.Tensor]  # from images to scores


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


def relativistic_loss(better: tf.Tensor, worse: tf.Tensor) -> tf.Tensor:
    """mean softplus(worse − better): low where the scores of `better` are the higher ones.

    Jolicoeur-Martineau 2018; with reals as the better of each pair it is the discriminator's
    loss, with fakes the generator's (Huang et al. 2024, eq. 2).
    """
    return tf.reduce_mean(tf.nn.softplus(worse - better))


def smoothness_penalty(
    discriminator: Scores, images: tf.Tensor, noise: tf.Tensor, stddev: float
) -> tf.Tensor:
    """mean((D(x) − D(x + n))²)/σ²: an estimate of mean(‖∇D(x)‖²) without second derivatives.

    For a smooth D and small σ it is the zero-centred penalty of Mescheder et al. 2018, eq. 9:
    R1 on real images, R2 on generated ones, without their factor γ/2.

    Args:
        discriminator: function of images (n, H, W, C) to scores (n, 1).
        noise: n ~ N(0, σ²), of the shape of the images.
        stddev: σ.
    """
    differences = discriminator(images) - discriminator(images + noise)
    return tf.reduce_mean(tf.square(differences)) / stddev**2


def energy_distance(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """2 E‖r − f‖ − E‖r − r′‖ − E‖f − f′‖, over E‖r − r′‖: 0 where both are drawn alike.

    Székely & Rizzo 2013, eq. 5. No vector is compared with itself, so that the numerator is
    unbiased, and may be negative. The divisor makes it free of units, and has no gradient.

    Args:
        real: vectors (n, d), two at least.
        fake: vectors (n, d).
    """
    between = tf.reduce_mean(_distances(real, fake))
    among_reals, among_fakes = (
        tf.reduce_sum(_distances(x, x)) / _ordered_pairs(x) for x in (real, fake)
    )
    return (2 * between - among_reals - among_fakes) / tf.stop_gradient(among_reals)


def _distances(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Euclidean, (n, m); exactly 0 and without gradient between equal vectors."""
    squares = tf.reduce_sum(tf.square(a[:, tf.newaxis] - b), axis=2)
    apart = squares > 0
    return tf.where(apart, tf.sqrt(tf.where(apart, squares, 1.0)), 0.0)


def _ordered_pairs(vectors: tf.Tensor) -> tf.Tensor:
    n = tf.cast(tf.shape(vectors)[0], vectors.dtype)
    return n * (n - 1)


def gradient_penalty(critic: Scores, x_hat: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
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
