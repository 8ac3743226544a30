"""Values and directions of the adversarial losses, counted by hand."""

import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.losses import LOSSES, OF_PROBABILITIES

REAL, FAKE = (0.5, -1.0), (2.0, -3.0)


def log_sigmoid(x):
    return -np.log1p(np.exp(-x))


# Of the scores above: the discriminator's loss, the generator's, and how real the reals look.
BY_HAND = {
    "non_saturating": (
        -(log_sigmoid(0.5) + log_sigmoid(-1.0)) / 2 - (log_sigmoid(-2.0) + log_sigmoid(3.0)) / 2,
        -(log_sigmoid(2.0) + log_sigmoid(-3.0)) / 2,
        (1 / (1 + np.exp(-0.5)), 1 / (1 + np.exp(1))),
    ),
    # ½·((0.5 − 1)² + (−1 − 1)²)/2 + ½·(2² + 3²)/2 and ½·((2 − 1)² + (−3 − 1)²)/2
    "least_squares": (4.25 / 4 + 13 / 4, 17 / 4, (0.5, 0.0)),
    # (max(0, 1 − 0.5) + max(0, 1 + 1))/2 + (max(0, 1 + 2) + max(0, 1 − 3))/2 and −(2 − 3)/2
    "hinge": (2.5 / 2 + 3 / 2, 0.5, (0.75, 0.0)),
    # mean of fakes, −0.5, less that of reals, −0.25
    "wasserstein": (-0.25, 0.5, (1 / (1 + np.exp(1.5)), 1 / (1 + np.exp(-2)))),
    "relativistic": (
        (np.log1p(np.exp(1.5)) + np.log1p(np.exp(-2.0))) / 2,
        (np.log1p(np.exp(-1.5)) + np.log1p(np.exp(2.0))) / 2,
        (1 / (1 + np.exp(1.5)), 1 / (1 + np.exp(-2))),
    ),
}


def column(values):
    return tf.constant(values, tf.float32)[:, tf.newaxis]


def slopes(loss, *scores):
    with tf.GradientTape() as tape:
        tape.watch(scores)
        value = loss(*scores)
    return [g.numpy().ravel() for g in tape.gradient(value, scores, unconnected_gradients="zero")]


def test_every_loss_is_counted():
    assert set(BY_HAND) == set(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
def test_values(name):
    loss, (of_discriminator, of_generator, realness) = LOSSES[name], BY_HAND[name]
    real, fake = column(REAL), column(FAKE)
    np.testing.assert_allclose(loss.discriminator(real, fake), of_discriminator, rtol=1e-6)
    np.testing.assert_allclose(loss.generator(fake, real), of_generator, rtol=1e-6)
    np.testing.assert_allclose(loss.realness(real, fake)[:, 0], realness, atol=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_directions(name):
    """Descent raises the scores of reals and lowers those of fakes; the generator raises these."""
    loss, real, fake = LOSSES[name], column((0.2, -0.4)), column((0.3, 0.1))
    of_real, of_fake = slopes(loss.discriminator, real, fake)
    assert (of_real < 0).all() and (of_fake > 0).all()
    of_fake, of_real = slopes(loss.generator, fake, real)
    assert (of_fake < 0).all()
    assert (of_real > 0).all() if loss.of_pairs else (of_real == 0).all()


def test_slopes_by_hand():
    """A least square pulls back what is too sure; a hinge lets it go; a critic never tires."""
    sure = column((3.0,))
    pulled = slopes(LOSSES["least_squares"].discriminator, sure, column((0.0,)))
    np.testing.assert_allclose(pulled[0], [2.0])
    assert slopes(LOSSES["hinge"].discriminator, sure, column((-3.0,))) == [[0.0], [0.0]]
    assert slopes(LOSSES["hinge"].discriminator, column((0.9,)), -sure)[0] == [-1.0]
    assert slopes(LOSSES["wasserstein"].discriminator, sure, -sure) == [[-1.0], [1.0]]
    relativistic = slopes(LOSSES["relativistic"].discriminator, column((1.0,)), column((1.0,)))
    np.testing.assert_allclose(relativistic, [[-0.5], [0.5]])


def test_probabilities_are_what_their_logits_say():
    real, fake = column(REAL), column(FAKE)
    logits = LOSSES["non_saturating"]
    for name, pair in (("discriminator", (real, fake)), ("generator", (fake, real))):
        of_logits = getattr(logits, name)(*pair)
        of_probabilities = getattr(OF_PROBABILITIES, name)(*map(tf.sigmoid, pair))
        np.testing.assert_allclose(of_probabilities, of_logits, rtol=1e-5)
