"""Identities of the relativistic GAN."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan import models
from tfmedgan.architectures.rgan import RGANConfig
from tfmedgan.errors import InputError
from tfmedgan.losses import relativistic_loss, smoothness_penalty

TINY = RGANConfig(image_shape=(32, 32, 1), latent_dim=8, ngf=4, ndf=4)


def tiny(**fields):
    model = models.create(TINY, seed=1, **fields)
    model.compile(*(keras.optimizers.Adam(1e-3, 0.0, 0.99) for _ in range(2)))
    return model


def images(count=8, seed=0):
    rng = np.random.default_rng(seed)
    return tf.constant(rng.uniform(-1, 1, (count, 32, 32, 1)), tf.float32)


def test_the_loss_compares_scores_of_a_pair():
    """log(1 + e⁻³) where the better one is ahead by 3, wherever the two lie."""
    better, worse = tf.constant([[4.0], [-1.0]]), tf.constant([[1.0], [-4.0]])
    np.testing.assert_allclose(relativistic_loss(better, worse), np.log1p(np.exp(-3)), rtol=1e-6)
    np.testing.assert_allclose(relativistic_loss(worse, better), np.log1p(np.exp(3)), rtol=1e-6)


def test_the_penalty_of_a_linear_discriminator_is_the_square_of_its_slope():
    """(⟨w, n⟩/σ)² has the mean ‖w‖² and, over 20,000 draws, a standard error of 1 %."""
    w = np.random.default_rng(0).normal(size=(4, 4, 1)).astype("float32")
    noise = tf.random.stateless_normal((20_000, 4, 4, 1), (0, 0), stddev=0.1)
    penalty = smoothness_penalty(
        lambda x: tf.reduce_sum(w * x, axis=[1, 2, 3])[:, tf.newaxis],
        tf.zeros_like(noise),
        noise,
        0.1,
    )
    np.testing.assert_allclose(penalty, (w**2).sum(), rtol=0.03)


def test_only_the_direction_of_z_counts():
    generator = tiny().generator
    z = tf.random.stateless_normal((3, TINY.latent_dim), (0, 1))
    np.testing.assert_allclose(generator(z), generator(3.0 * z), atol=1e-5)


def test_the_gradient_that_fakes_get_is_that_of_the_generators_loss():
    model = tiny()
    real, fake = images(seed=1), images(seed=2)
    *_, gradient = model._compare(real, fake, None)
    with tf.GradientTape() as tape:
        tape.watch(fake)
        loss = relativistic_loss(model.score(fake, None), model.score(real, None))
    np.testing.assert_allclose(gradient, tape.gradient(loss, fake), atol=1e-7)


@pytest.mark.parametrize("every", [1, 3])
def test_the_penalty_is_taken_at_every_kth_update_and_counts_k_times(every):
    model = tiny(penalty_every=every, penalty_weight=1.0)
    seen = [images(seed=1), images(seed=2)]
    expected = sum(float(model._penalty(x, None, i)) for i, x in enumerate(seen))
    for step in range(3):
        model.discriminator_optimizer.iterations.assign(step)
        penalty, gradients = model._smoothing(seen, None)
        taken = step % every == 0
        assert any(np.abs(g).max() > 0 for g in gradients) == taken
        if step == 0:
            np.testing.assert_allclose(penalty, every * expected, rtol=1e-5)


def test_labels_of_a_pair_are_those_of_the_real_image():
    model = tiny(n_classes=3)
    asked = []
    draw = model.draw
    model.draw = lambda *arguments, **options: (
        asked.append(arguments) or draw(*arguments, **options)
    )
    model.compile(*(keras.optimizers.Adam(1e-3) for _ in range(2)), run_eagerly=True)
    labels = np.array([0, 2, 1, 1], "int32")
    model.train_on_batch(images(4).numpy(), labels)
    np.testing.assert_array_equal(asked[0][3], labels)


def test_validation_compares_all_pairs_of_different_numbers():
    real, fake = tf.constant([[1.0], [2.0], [3.0]]), tf.constant([[0.0], [2.0]])
    pairs = [np.log1p(np.exp(f - r)) for r in (1, 2, 3) for f in (0, 2)]
    np.testing.assert_allclose(tiny().comparison_loss(real, fake), np.mean(pairs), rtol=1e-6)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image_shape": (64, 64, 5)}, "channels is 5; valid: 1, 2, 3, 4"),
        ({"image_shape": (96, 96, 3)}, "possible: 32, 64, 128, 256"),
        ({"penalty_noise": 0.0}, "penalty_noise is 0.0; must be above 0"),
        ({"penalty_every": 0}, "penalty_every is 0; must be at least 1"),
        ({"energy_weight": -1.0}, "energy_weight is -1.0; must not be negative"),
    ],
)
def test_impossible_values_are_named(fields, message):
    with pytest.raises(InputError, match=message):
        RGANConfig(**fields)


@pytest.mark.parametrize("channels", [2, 4])
def test_a_mask_is_a_further_channel(channels):
    model = tiny(image_shape=(32, 32, channels))
    assert model(model.draw(2, "test", 0)).shape == (2, 32, 32, channels)


@pytest.mark.parametrize(("images", "steps"), [(20, 63), (140, 32), (1000, 62), (2000, 62)])
def test_few_images_are_passed_several_times_in_an_epoch(images, steps):
    """Batches of 32 but for 20 images, of which 16 are one: whole passes, a thousand at least."""
    batch_size = 16 if images < 32 else 32
    assert RGANConfig().steps_per_epoch(images, batch_size) == steps


def in_halves(count, seed):
    """Squares, somewhere in the half that the label names, left or right; and the labels."""
    rng, labels = np.random.default_rng(seed), np.arange(count) % 2
    images = rng.uniform(-1, -0.6, (count, 32, 32, 1))
    for image, label in zip(images, labels, strict=True):
        top, left = rng.integers(4, 20), rng.integers(2, 6) + 16 * label
        image[top : top + 8, left : left + 8] = 0.8
    return tf.constant(images, tf.float32), tf.constant(labels, tf.int32)


def test_a_label_can_decide_where_something_is():
    """After 50 updates; a label that only scales and shifts whole maps does not in 150."""
    model = tiny(n_classes=2, self_modulation=True, energy_weight=3.0, labels_at_places=True)
    step = tf.function(model.train_step)
    for number in range(50):
        step(in_halves(32, number))
    z = tf.random.stateless_normal((64, TINY.latent_dim), (0, 1))
    labels = tf.constant([0, 1] * 32)
    samples = model.generator([z, labels], training=True)
    on_the_left = tf.reduce_mean(samples[:, :, :16], (1, 2, 3))
    on_the_right = tf.reduce_mean(samples[:, :, 16:], (1, 2, 3))
    assert np.mean((on_the_left > on_the_right).numpy() == (labels.numpy() == 0)) > 0.9
