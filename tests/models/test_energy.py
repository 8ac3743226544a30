"""The energy distance of a batch: what it is, what it asks for, and whose losses have it."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.architectures.rgan import RGANConfig
from tfmedgan.losses import energy_distance
from tfmedgan.models.energy import batch_energy, small_copies


def images(count=8, seed=0, shape=(32, 32, 1)):
    rng = np.random.default_rng(seed)
    return tf.constant(rng.uniform(-1, 1, (count, *shape)), tf.float32)


def test_the_energy_distance_is_that_of_its_definition():
    rng = np.random.default_rng(0)
    real, fake = rng.normal(size=(5, 3)), rng.normal(1.0, 2.0, size=(4, 3))

    def mean_distance(a, b, same):
        pairs = [(i, j) for i in range(len(a)) for j in range(len(b)) if not same or i != j]
        return np.mean([np.linalg.norm(a[i] - b[j]) for i, j in pairs])

    among = mean_distance(real, real, True)
    expected = 2 * mean_distance(real, fake, False) - among - mean_distance(fake, fake, True)
    np.testing.assert_allclose(energy_distance(*map(tf.constant, (real, fake))), expected / among)


def test_the_energy_distance_asks_too_narrow_a_batch_to_spread():
    rng = np.random.default_rng(0)
    real, fake = (tf.constant(rng.normal(0, s, (64, 8)), tf.float32) for s in (1.0, 0.5))
    with tf.GradientTape() as tape:
        tape.watch(fake)
        distance = energy_distance(real, fake)
    outwards = tf.reduce_sum(-tape.gradient(distance, fake) * fake)
    assert distance > 0.1 and outwards > 0


@pytest.mark.parametrize("count", [1, 3])
def test_reals_that_do_not_differ_ask_for_nothing(count):
    real = tf.ones((count, 8))
    with tf.GradientTape() as tape:
        tape.watch(real)
        distance = energy_distance(real, real + 1)
    assert distance == 0 and not np.any(tape.gradient(distance, real))


def test_equal_images_give_no_infinite_gradient():
    real = tf.random.stateless_normal((4, 8), (0, 0))
    with tf.GradientTape() as tape:
        tape.watch(real)
        distance = energy_distance(real, tf.concat([real[:3], real[:1]], 0))
    assert np.isfinite(tape.gradient(distance, real)).all()


def test_the_energy_distance_knows_the_class_of_an_image():
    """The same images, but with each other's labels: every class is wrong, and the whole is not."""
    config = RGANConfig(image_shape=(32, 32, 1), n_classes=2, energy_weight=1.0)
    dark, light = -0.8 + 0.1 * images(8), 0.8 + 0.1 * images(8, seed=1)
    real, labels = tf.concat([dark, light], 0), np.repeat([0, 1], 8).astype("int32")
    others = tf.concat([0.999 * dark, 0.999 * light], 0)
    swapped = tf.concat([0.999 * light, 0.999 * dark], 0)
    apart, near = (batch_energy(config, real, x, labels) for x in (swapped, others))
    assert apart > near + 0.5


def test_small_copies_are_means_and_deviations_of_blocks():
    x = images(2)
    blocks = x.numpy().reshape(2, 16, 2, 16, 2)
    mean, deviation = blocks.mean((2, 4)), np.sqrt(blocks.var((2, 4)) + 1e-5)
    expected = np.stack([mean, 2 * deviation], 3).reshape(2, -1)
    np.testing.assert_allclose(small_copies(x), expected, atol=1e-5)


NARROW = {"ngf": 4, "ndf": 4, "channel_base": 256, "channel_max": 8, "mapping_layers": 2,
          "lstm_units": 4}  # fmt: skip


def tiny(name, energy_weight):
    """A small network of this architecture, for one update on eager tensors."""
    base = ARCHITECTURES[name].model
    narrow = {field: value for field, value in NARROW.items() if hasattr(base, field)}
    size = next(size for size in base.possible_sizes() if size >= 28)
    config = replace(
        base, image_shape=(size, size, 1), latent_dim=8, energy_weight=energy_weight, **narrow
    )
    model = models.create(config, seed=1)
    model.compile(*(keras.optimizers.SGD(1e-3) for _ in range(2)), run_eagerly=True)
    return model


def step(name, energy_weight):
    """The log and the generator's weights after one update."""
    model = tiny(name, energy_weight)
    x = images(10, shape=model.config.image_shape)
    labels = np.arange(10, dtype="int32") % max(1, model.config.n_classes)
    logs = model.train_on_batch(x, labels, return_dict=True)
    return logs, np.concatenate([np.ravel(w) for w in model.generator.trainable_weights])


@pytest.mark.parametrize("name", ["cgan", "dcgan", "dcgan64", "wgan-gp64", "stylegan2"])
def test_every_generator_can_be_told(name):
    """Without a weight the log has the columns of earlier runs."""
    (before, former), (after, told) = (step(name, weight) for weight in (0.0, 100.0))
    assert after.keys() - before.keys() == {"energy"}
    assert after["energy"] and np.isfinite(told).all() and (told != former).any()


def test_a_weight_of_nearly_nothing_changes_nothing():
    np.testing.assert_allclose(step("dcgan64", 0.0)[1], step("dcgan64", 1e-9)[1], atol=1e-9)


@pytest.mark.parametrize(
    ("name", "blind"), [("dcgan64", True), ("wgan-gp64", True), ("rgan", False)]
)
def test_why_a_generator_is_told(name, blind):
    """Where maps are normalised and nothing has a bias, half the contrast has the same scores.

    With noise of one strength in both it is seen: in the weaker images it counts for more.
    """
    model = tiny(name, 0.0)
    x = images(10, shape=model.config.image_shape)
    noise = 0.1 * tf.random.stateless_normal(x.shape, (1, 1))
    for added, unseen in ((0.0, blind), (noise, False)):
        strong, weak = (model.score(x * contrast + added, None) for contrast in (1.0, 0.5))
        assert (np.abs(strong - weak).max() < 0.05 * np.ptp(strong)) == unseen
