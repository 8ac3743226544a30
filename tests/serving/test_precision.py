"""Generators of mixed precision: as they are in a SavedModel, in float32 elsewhere."""

import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.models import sampling
from tfmedgan.models.fast_layers import plain
from tfmedgan.serving import saved_model
from tfmedgan.serving.export import difference
from tfmedgan.serving.precision import full_precision


def test_float32_stays_as_it_is(generators):
    assert full_precision(generators["cgan"]) is generators["cgan"]


def test_the_twin_computes_the_same_in_float32(mixed_generator):
    twin = full_precision(mixed_generator)
    assert {layer.compute_dtype for layer in twin.layers} == {"float32"}
    apart = difference(
        mixed_generator, lambda *inputs: {"images": sampling.apply(twin, *inputs).numpy()}
    )
    assert 1e-4 < apart < 0.1  # bfloat16 has eight bits; a few of them in a dozen layers


@pytest.mark.parametrize("name", ["cgan", "rgan", "wgan-gp-lstm"])
def test_the_twin_rounds_nothing(name, build):
    """Networks inside a network went on rounding what they were given."""
    mixed, exact = (plain(build(name, p)) for p in ("mixed_bfloat16", "float32"))
    exact.set_weights(mixed.get_weights())
    twin = full_precision(mixed)
    apart = difference(exact, lambda *z: {"images": sampling.apply(twin, *z).numpy()})
    assert apart < 2e-5


def test_a_saved_model_keeps_the_precision(mixed_generator, classes, tmp_path):
    saved_model.write(mixed_generator, tmp_path, classes(mixed_generator), "")
    generate = tf.saved_model.load(str(tmp_path / "1")).signatures["generate"]
    labels = np.array([0, 1, 2], np.int32)
    inputs = {"num": tf.constant(3), "seed": tf.constant(1, tf.int64)}
    images = generate(**inputs, labels=tf.constant(labels))["images"]
    np.testing.assert_array_equal(images, sampling.sample(mixed_generator, 3, 1, labels))
