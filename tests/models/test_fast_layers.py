"""Layers computed another way: the values, gradients and statistics of Keras's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tfmedgan import models
from tfmedgan.models import fast_layers, stride_two
from tfmedgan.models.blocks import standardised


def normal(*shape, dtype="float64", seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), dtype)


X = normal(2, 4, 4, 3)


def derivatives(function, *inputs):
    """Value, gradients, and gradients of the gradients' sines, of Σ sin(function)."""
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            value = tf.reduce_sum(tf.sin(function(*inputs)))
        first = inner.gradient(value, inputs)
        sines = tf.add_n([tf.reduce_sum(tf.sin(gradient)) for gradient in first])
    return [value, *first, *outer.gradient(sines, inputs)]


def assert_alike(fast, known, *inputs):
    for ours, theirs in zip(derivatives(fast, *inputs), derivatives(known, *inputs), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


def test_gradients_of_any_order_through_convolutions_of_stride_two():
    x, kernel, y = normal(2, 8, 8, 3), normal(4, 4, 3, 5, seed=1), normal(2, 4, 4, 5, seed=2)
    assert_alike(stride_two.conv, lambda x, k: tf.nn.conv2d(x, k, 2, "SAME"), x, kernel)
    assert_alike(
        stride_two.transposed,
        lambda k, y: tf.nn.conv2d_transpose(y, k, (2, 8, 8, 3), 2, "SAME"),
        kernel,
        y,
    )
    assert_alike(
        stride_two.kernel_gradient,
        lambda x, y: tf.raw_ops.Conv2DBackpropFilter(
            input=x,
            filter_sizes=(4, 4, 3, 5),
            out_backprop=y,
            strides=[1, 2, 2, 1],
            padding="SAME",
        ),
        x,
        y,
    )


def test_gradients_of_any_order_through_standardisation():
    def mean(x):
        return tf.reduce_mean(x, (1, 2), keepdims=True)

    def root(x):
        return tf.math.rsqrt(mean((x - mean(x)) ** 2) + 1e-5)

    # Not by tf.nn.moments, which stops the gradient at the mean.
    assert_alike(lambda x: standardised(x, 1e-5)[0], lambda x: (x - mean(x)) * root(x), X)
    assert_alike(lambda x: standardised(x, 1e-5)[1], root, X)


@pytest.mark.parametrize(
    ("fast", "known", "options"),
    [
        (fast_layers.Conv2D, layers.Conv2D, (6, 4, 2, "same")),
        (fast_layers.Conv2DTranspose, layers.Conv2DTranspose, (6, 4, 2, "same")),
        (fast_layers.FewFiltersConv2D, layers.Conv2D, (3, 8, 1, "same")),
        (fast_layers.FewFiltersConv2D, layers.Conv2D, (1, 5, 1, "same")),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_layers_have_keras_values_and_gradients(fast, known, options, dtype):
    keras.utils.set_random_seed(0)
    x = normal(2, 8, 8, 4, dtype="float32")
    bias = {"use_bias": dtype == "float32", "bias_initializer": "ones"}  # bfloat16 sums stop at 256
    pair = [cls(*options, dtype=dtype, **bias) for cls in (fast, known)]
    for layer in pair:
        layer.build(x.shape)
    pair[0].set_weights(pair[1].get_weights())
    values = []
    for layer in pair:
        with tf.GradientTape() as tape:
            tape.watch(x)
            images = layer(x)
            total = tf.reduce_sum(tf.sin(tf.cast(images, tf.float32)))
        gradients = tape.gradient(total, [x, *(v.value for v in layer.trainable_variables)])
        values.append([tf.cast(value, tf.float32).numpy() for value in (images, *gradients)])
    # bfloat16 has eight bits, and where its partial sums are rounded depends on the processor.
    limit = 1e-5 if dtype == "float32" else 4e-2
    for ours, theirs in zip(*values, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=limit * np.abs(theirs).max())


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_fused_batch_norm_has_keras_values_gradients_and_statistics(dtype):
    x = 3 * normal(4, 6, 6, 5, dtype="float32") + 1
    values = []
    for cls in (fast_layers.BatchNorm, layers.BatchNormalization):
        layer = cls(momentum=0.9, epsilon=1e-5, dtype=dtype)
        layer.build(x.shape)
        with tf.GradientTape() as tape:
            tape.watch(x)
            images = layer(x, training=True)
            total = tf.reduce_sum(tf.sin(tf.cast(images, tf.float32)))
        gradients = tape.gradient(total, [x, layer.gamma.value, layer.beta.value])
        statistics = layer.moving_mean, layer.moving_variance
        values.append([np.asarray(tf.cast(v, tf.float32)) for v in (images, *gradients)])
        values[-1] += [np.asarray(v) for v in statistics]
    limit = 1e-5 if dtype == "float32" else 2e-2
    for ours, theirs in zip(*values, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=limit * np.abs(theirs).max())


def test_the_faster_gradient_is_taken_where_it_was_measured_to_pay(monkeypatch):
    layer = fast_layers.Conv2D(8, 4, 2, "same")
    assert stride_two.pays(layer, tf.bfloat16, 8)
    assert not stride_two.pays(layer, tf.float32, 8)
    assert not stride_two.pays(layer, tf.bfloat16, 16)
    assert not stride_two.pays(fast_layers.Conv2D(8, 3, 2, "same"), tf.bfloat16, 8)
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    assert not stride_two.pays(layer, tf.bfloat16, 8)
    assert not fast_layers.on_processor()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_upsampling_with_its_convolution_has_keras_values_and_gradients(dtype):
    x = normal(2, 4, 4, 5, dtype="float32")
    fast = fast_layers.UpsampleConv2D(6, 3, padding="same", bias_initializer="ones", dtype=dtype)
    fast.build(x.shape)
    network = keras.Sequential([keras.Input(x.shape[1:]), fast])
    values = []
    for layer in (network, fast_layers.plain(network)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            images = layer(x)
            total = tf.reduce_sum(tf.sin(tf.cast(images, tf.float32)))
        gradients = tape.gradient(total, [x, *(v.value for v in layer.trainable_variables)])
        values.append([tf.cast(value, tf.float32).numpy() for value in (images, *gradients)])
    # Sums of many bfloat16 gradients differ by more than one of its roundings, 2⁻⁸.
    limit = 1e-5 if dtype == "float32" else 4e-2
    for ours, theirs in zip(*values, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=limit * np.abs(theirs).max())


@pytest.mark.parametrize("name", ["cgan", "dcgan", "dcgan64", "wgan-gp-lstm", "rgan"])
def test_a_plain_generator_is_keras_alone_and_gives_the_same_images(name, tmp_path):
    model = models.create(name)
    plain = fast_layers.plain(model.generator)
    assert {type(layer).__module__.partition(".")[0] for layer in plain.layers} == {"keras"}
    z = normal(2, model.config.latent_dim, dtype="float32")
    inputs = [z, tf.constant([0, 1])] if model.config.conditional else z
    np.testing.assert_allclose(plain(inputs), model.generator(inputs), atol=1e-5)
    path = tmp_path / "generator.keras"
    plain.save(path)
    assert "tfmedgan" not in keras.saving.load_model(path).to_json()
