"""Adversarial losses, pure functions of scores (n, 1), and the gradient penalty."""

import math
from collections.abc import Callable
from dataclasses import dataclass

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


def least_squares(scores: tf.Tensor, target: float) -> tf.Tensor:
    """½ mean((D(x) − target)²): 1 is asked of reals, and of fakes by the generator; else 0.

    Mao et al. 2017, eq. 9. The best discriminator's score is the probability of being real.
    """
    return tf.reduce_mean(tf.square(scores - target)) / 2


def hinge(scores: tf.Tensor, sign: float) -> tf.Tensor:
    """mean(max(0, 1 − sign·D(x))): no gradient beyond the margin, +1 for reals, −1 for fakes.

    Lim & Ye 2017, and Miyato et al. 2018, eq. 16.
    """
    return tf.reduce_mean(tf.nn.relu(1 - sign * scores))


def negative_score(scores: tf.Tensor) -> tf.Tensor:
    """−mean(D(G(z))), the generator's loss beside a hinge (Miyato et al. 2018, eq. 17) or a critic.

    That of a critic is Arjovsky et al. 2017, algorithm 1, line 10.
    """
    return -tf.reduce_mean(scores)


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


def gradient_square(discriminator: Scores, images: tf.Tensor) -> tf.Tensor:
    """mean(‖∇D(x)‖²), on reals R1 without its factor γ/2 (Mescheder et al. 2018, eq. 9).

    Args:
        discriminator: function of images (n, H, W, C) to scores (n, 1).
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        scores = discriminator(images)
    gradients = tape.gradient(scores, images)
    return tf.reduce_mean(tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]))


def path_lengths(synthesis: Callable, styles: tf.Tensor, directions: tf.Tensor) -> tf.Tensor:
    """‖Jᵀy‖ of each image, (n,), J how it changes with its styles (Karras et al. 2020a, eq. 4).

    That of an image whose layers have styles of their own is the root of the mean square.

    Args:
        synthesis: function of styles (n, L, d) to images (n, H, W, C).
        directions: y ~ N(0, 1), of the shape of the images; divided by √(H·W).
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(styles)
        projected = tf.reduce_sum(synthesis(styles) * directions)
    pixels = math.prod(directions.shape[1:3])
    gradients = tape.gradient(projected, styles) / math.sqrt(pixels)
    squares = tf.reduce_mean(tf.reduce_sum(tf.square(gradients), axis=2), axis=1)
    # The slope of the square root is infinite at 0.
    return tf.sqrt(squares + 1e-12)


def energy_distance(real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
    """2 E‖r − f‖ − E‖r − r′‖ − E‖f − f′‖, over E‖r − r′‖: 0 where both are drawn alike.

    Székely & Rizzo 2013, eq. 5. No vector is compared with itself, so that the numerator is
    unbiased, and may be negative. The divisor makes it free of units, and has no gradient.

    Args:
        real: vectors (n, d); of one, or of equal ones, the distance is 0.
        fake: vectors (n, d).
    """
    between = tf.reduce_mean(_distances(real, fake))
    among_reals, among_fakes = (
        tf.math.divide_no_nan(tf.reduce_sum(_distances(x, x)), _ordered_pairs(x))
        for x in (real, fake)
    )
    apart = 2 * between - among_reals - among_fakes
    return tf.math.divide_no_nan(apart, tf.stop_gradient(among_reals))


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


@dataclass(frozen=True)
class AdversarialLoss:
    """What both networks minimise, and how real the scores say that images are."""

    discriminator: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # of (real scores, fake scores)
    generator: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # of (fake scores, real scores)
    realness: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]  # of (scores, others'), in [0, 1]
    of_pairs: bool = False  # whether a score means something only beside one of the other kind


def _cross_entropy(from_logits: bool) -> AdversarialLoss:
    return AdversarialLoss(
        lambda real, fake: (
            binary_cross_entropy(real, 1.0, from_logits)
            + binary_cross_entropy(fake, 0.0, from_logits)
        ),
        lambda fake, real: binary_cross_entropy(fake, 1.0, from_logits),
        lambda scores, others: tf.sigmoid(scores) if from_logits else scores,
    )


def _advantage(scores: tf.Tensor, others: tf.Tensor) -> tf.Tensor:
    return tf.sigmoid(scores - others)


LOSSES = {
    "non_saturating": _cross_entropy(from_logits=True),
    "least_squares": AdversarialLoss(
        lambda real, fake: least_squares(real, 1.0) + least_squares(fake, 0.0),
        lambda fake, real: least_squares(fake, 1.0),
        lambda scores, others: tf.clip_by_value(scores, 0.0, 1.0),
    ),
    "hinge": AdversarialLoss(
        lambda real, fake: hinge(real, 1.0) + hinge(fake, -1.0),
        lambda fake, real: negative_score(fake),
        lambda scores, others: tf.clip_by_value((1 + scores) / 2, 0.0, 1.0),
    ),
    "wasserstein": AdversarialLoss(
        lambda real, fake: -wasserstein_distance(real, fake),
        lambda fake, real: negative_score(fake),
        _advantage,
    ),
    "relativistic": AdversarialLoss(
        relativistic_loss, relativistic_loss, _advantage, of_pairs=True
    ),
}
OF_PROBABILITIES = _cross_entropy(from_logits=False)  # non-saturating, under a sigmoid
