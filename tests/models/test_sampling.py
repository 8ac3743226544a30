"""Latent vectors and bytes: the same in Python and inside a graph."""

import numpy as np
import pytest
import tensorflow as tf

from tfmedgan import models
from tfmedgan.errors import InputError
from tfmedgan.models import sampling


def test_first_latent_vectors_do_not_depend_on_how_many():
    few, many = (sampling.latent_vectors(count, 100, 3).numpy() for count in (5, 200))
    np.testing.assert_array_equal(few, many[:5])


@pytest.mark.parametrize("other", [1, 2**31, 2**32, 2**63 - 1])
def test_each_seed_has_vectors_of_its_own(other):
    vectors = [sampling.latent_vectors(50, 100, seed).numpy() for seed in (0, other)]
    assert abs(np.corrcoef(*(v.ravel() for v in vectors))[0, 1]) < 0.06  # 4 / √5000
    assert abs(vectors[1].mean()) < 0.06 and abs(vectors[1].std() - 1) < 0.04


def test_a_graph_draws_the_same_vectors():
    drawn = tf.function(lambda count, seed: sampling.latent_vectors(count, 7, seed))
    z = drawn(tf.constant(4), tf.constant(2**40, tf.int64))
    np.testing.assert_array_equal(z, sampling.latent_vectors(4, 7, 2**40))


def test_bytes_are_rounded_and_kept_in_range():
    images = tf.constant([-1.2, -1.0, 0.0, 1.0, 1.2, 2 / 255 - 1, 2.98 / 255 - 1])
    assert sampling.to_bytes(images).numpy().tolist() == [0, 0, 128, 255, 255, 1, 1]


def test_an_image_does_not_depend_on_its_batch():
    generator = models.create("cgan", n_classes=3).generator
    labels = np.arange(70) % 3
    many = sampling.sample(generator, 70, 0, labels)
    few = sampling.sample(generator, 2, 0, labels[:2])
    assert np.abs(many[:2].astype(int) - few).max() <= 1
    np.testing.assert_array_equal(many, sampling.sample(generator, 70, 0))


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("cgan", (-1, 0), "count is -1; must be at least 0"),
        ("cgan", (1, -1), r"seed is -1; must be in \[0, 2\^63\)"),
        ("cgan", (2, 0, [0]), "labels: must be 2 integers, one an image"),
        ("cgan", (1, 0, [0.5]), "labels: must be 1 integers, one an image"),
        ("cgan", (2, 0, [0, 5]), r"labels: \[5\] is none; must be from 0 to 4"),
        ("dcgan", (1, 0, [0]), "labels: this generator takes none"),
    ],
)
def test_what_cannot_be_sampled_is_refused(name, arguments, message):
    with pytest.raises(InputError, match=message):
        sampling.sample(models.create(name).generator, *arguments)


def test_of_no_images_there_are_none():
    assert sampling.sample(models.create("dcgan").generator, 0, 0).shape[0] == 0


def test_an_absent_generator_is_named(tmp_path):
    with pytest.raises(InputError, match=f"^{tmp_path}: no such file; the generator of a run is"):
        sampling.load_generator(tmp_path)
