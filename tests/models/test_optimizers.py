"""Adam as PyTorch and the paper have it."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.config import AdamConfig, DecayingAdamConfig, PyTorchAdamConfig
from tfmedgan.models import optimizers


def algorithm_1(start, gradients, rate, beta_1, beta_2, epsilon):
    """Kingma & Ba 2015, Algorithm 1, in float64."""
    value, m, v = np.float64(start), 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        value -= rate * (m / (1 - beta_1**t)) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
    return value


@pytest.mark.parametrize("betas", [(0.5, 0.999), (0.0, 0.9)])
@pytest.mark.parametrize("scale", [1.0, 1e-8])
def test_updates_are_those_of_the_paper(betas, scale):
    """With gradients as small as epsilon, its place shows."""
    config = PyTorchAdamConfig(1e-3, *betas)
    gradients = np.random.default_rng(0).normal(size=(5, 3)) * scale
    variable = keras.Variable(np.zeros(3, "float32"))
    optimizer = optimizers.build(config)
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
    expected = algorithm_1(np.zeros(3), gradients, 1e-3, *betas, 1e-8)
    # float32, and a hundred-thousandth of the step where updates cancel
    np.testing.assert_allclose(np.asarray(variable), expected, rtol=1e-5, atol=1e-8)


def test_a_keras_document_gets_the_values_of_kerass_adam():
    optimizer = optimizers.build(AdamConfig(2e-4, 0.5))
    assert type(optimizer) is optimizers.FusedAdam
    assert (optimizer.epsilon, optimizer.beta_1) == (1e-7, 0.5)


def test_the_fused_adam_makes_kerass_updates():
    gradients = np.random.default_rng(0).normal(size=(5, 3))
    variables = [keras.Variable(np.zeros(3, "float32")) for _ in range(2)]
    pair = optimizers.build(AdamConfig(1e-3, 0.5)), keras.optimizers.Adam(1e-3, 0.5)
    for gradient in gradients:
        for optimizer, variable in zip(pair, variables, strict=True):
            optimizer.apply([keras.ops.convert_to_tensor(gradient, "float32")], [variable])
    # Keras loses digits of 1 − 0.999ᵗ in float32, about 3e-5 in the first updates.
    np.testing.assert_allclose(*map(np.asarray, variables), rtol=1e-4)


def test_the_rate_falls_with_the_root_of_the_updates_and_survives_saving():
    optimizer = optimizers.build(DecayingAdamConfig(1e-3, 0.0, 0.9, decay_updates=100))
    stored = keras.saving.serialize_keras_object(optimizer)
    for adam in (optimizer, keras.saving.deserialize_keras_object(stored)):
        for updates, rate in ((0, 1e-3), (100, 1e-3 / 2**0.5), (300, 5e-4)):
            adam.iterations.assign(updates)
            np.testing.assert_allclose(float(adam.learning_rate), rate, rtol=1e-6)


def test_the_falling_rate_is_that_of_the_update():
    config = DecayingAdamConfig(1e-3, 0.0, 0.9, decay_updates=1)
    variable, moved = keras.Variable(np.zeros(1, "float32")), [0.0]
    optimizer = optimizers.build(config)
    for _ in range(4):
        optimizer.apply([keras.ops.ones(1)], [variable])
        moved.append(float(variable[0]))
    expected = [-1e-3 / np.sqrt(1 + updates) for updates in range(4)]
    np.testing.assert_allclose(np.diff(moved), expected, rtol=1e-5)


def test_a_label_that_several_images_have_is_updated_by_their_sum():
    """Keras's Adam would square the images' parts of the gradient one by one."""
    table = keras.Variable(np.zeros((3, 2), "float32"))
    rows = tf.IndexedSlices(tf.ones((4, 2)), tf.constant([1, 1, 1, 2]), tf.constant([3, 2]))
    optimizer = optimizers.build(PyTorchAdamConfig(1e-3, 0.5))
    optimizer.apply([rows], [table])
    second = np.asarray(optimizer.variables[-1])
    np.testing.assert_allclose(second[:, 0], [0, 9e-3, 1e-3], rtol=1e-4)
