"""Identities of StyleGAN2: its layers, its penalties, its styles."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import correlate2d

from tfmedgan import models
from tfmedgan.architectures.stylegan2 import StyleGAN2Config
from tfmedgan.errors import InputError
from tfmedgan.losses import gradient_square, path_lengths
from tfmedgan.models import resampling
from tfmedgan.models.style_layers import MinibatchStddev, ModulatedConv2D, NoisyActivation
from tfmedgan.models.stylegan2_networks import num_styles

TINY = StyleGAN2Config(
    image_shape=(32, 32, 1), latent_dim=8, mapping_layers=2, channel_base=128, channel_max=8
)


def tiny(precision="float32", **fields):
    model = models.create(TINY, seed=1, precision=precision, **fields)
    adams = (keras.optimizers.Adam(1e-3, 0.0, 0.99) for _ in range(2))
    # Eager: a step of so small a network is over before a graph of it would be made.
    model.compile(*adams, run_eagerly=True)
    return model


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# Resampling


def filtered(x, side: int, first: int):
    """x (n, h, w, C) by the filter, `side` pixels that begin `first` before it; in NumPy."""
    margin = ((0, 0), *2 * ((first, side + 3 - first - x.shape[1]),), (0, 0))
    x = np.pad(x, margin)
    maps = [[correlate2d(m, resampling.FILTER, "valid") for m in np.moveaxis(i, 2, 0)] for i in x]
    return np.moveaxis(np.array(maps), 1, 3)


def test_the_filter_keeps_the_mean_and_removes_the_highest_frequency():
    even, odd = np.ones((1, 8, 8, 1)), np.indices((8, 8)).sum(0)[None, :, :, None] % 2 * 2.0 - 1
    np.testing.assert_allclose(resampling.smoothed(even, 1, 1)[0, 1:-1, 1:-1], 1, rtol=1e-6)
    np.testing.assert_allclose(resampling.smoothed(odd, 1, 1)[0, 1:-1, 1:-1], 0, atol=1e-7)


def test_resampling_is_zeros_or_omissions_and_the_filter():
    x, kernel = normal(2, 6, 6, 3), normal(3, 3, 3, 4)
    apart = np.zeros((2, 12, 12, 3))
    apart[:, ::2, ::2] = x
    np.testing.assert_allclose(resampling.doubled(x), 4 * filtered(apart, 12, 2), atol=1e-6)
    np.testing.assert_allclose(resampling.halved(x), filtered(x, 5, 1)[:, ::2, ::2], atol=1e-6)
    wide = tf.nn.conv2d(
        np.pad(apart, ((0, 0), (2, 2), (2, 2), (0, 0))), kernel[::-1, ::-1], 1, "VALID"
    )
    expected = 4 * filtered(wide.numpy()[:, :13, :13], 12, 1)
    np.testing.assert_allclose(
        resampling.doubling_conv(x, tf.constant(kernel)), expected, atol=1e-6
    )
    narrow = tf.nn.conv2d(filtered(x, 7, 2), kernel, 2, "VALID")
    np.testing.assert_allclose(resampling.halving_conv(x, kernel), narrow, atol=1e-6)


@pytest.mark.parametrize("operation", ["smoothed", "halved"])
def test_written_gradients_are_those_of_the_operation(operation):
    """Of the first and the second order: the operations are linear, and so are their gradients."""
    f = {"smoothed": lambda x: resampling.smoothed(x, 2, 1), "halved": resampling.halved}[operation]
    x = tf.constant(normal(2, 6, 6, 3))
    y = tf.constant(normal(*f(x).shape, seed=1))
    with tf.GradientTape() as second:
        second.watch(y)
        with tf.GradientTape() as first:
            first.watch(x)
            value = tf.reduce_sum(f(x) * y)
        gradient = first.gradient(value, x)
        again = tf.reduce_sum(gradient * x)
    np.testing.assert_allclose(again, value, rtol=1e-12)
    np.testing.assert_allclose(second.gradient(again, y), f(x), rtol=1e-12, atol=1e-12)


# Layers


@pytest.mark.parametrize("double", [False, True])
def test_modulated_convolution_is_that_of_each_images_own_weights(double):
    x, ws = normal(3, 6, 6, 5).astype("float32"), normal(3, 2, 8, seed=1).astype("float32")
    layer = ModulatedConv2D(7, 3, which=1, double=double)
    images = layer([x, ws])
    kernel = layer.kernel.numpy() / np.sqrt(9 * 5)
    styles = ws[:, 1] @ layer.style.numpy() / np.sqrt(8) + layer.style_bias.numpy()
    for image, style, result in zip(x, styles, images, strict=True):
        own = kernel * style[:, np.newaxis]
        own = own / np.sqrt((own**2).sum(axis=(0, 1, 2)) + 1e-8)
        convolve = (
            resampling.doubling_conv if double else lambda a, b: tf.nn.conv2d(a, b, 1, "SAME")
        )
        np.testing.assert_allclose(result, convolve(image[None], tf.constant(own))[0], atol=1e-5)


def test_demodulation_keeps_unit_variance_whatever_the_style():
    """Inside the border, where no zeros come in; 4·30² pixels of 16 maps, a spread of 1 %."""
    x, layer = normal(4, 32, 32, 64).astype("float32"), ModulatedConv2D(16, 3)
    for scale in (0.1, 10.0):
        inner = layer([x, scale * normal(4, 1, 8, seed=2).astype("float32")])[:, 1:-1, 1:-1]
        assert np.var(inner) == pytest.approx(1, abs=0.05)


def test_each_convolution_has_its_own_part_of_the_noise():
    x, noise = np.ones((2, 4, 4, 3), "float32"), normal(2, 40).astype("float32")
    layer = NoisyActivation(start=20)
    layer([x, noise])
    layer.strength.assign(0.5)
    expected = 1 + np.sqrt(2) * 0.5 * noise[:, 20:36].reshape(2, 4, 4, 1)
    expected = np.where(expected > 0, expected, 0.2 * expected).repeat(3, 3)
    np.testing.assert_allclose(layer([x, noise]), expected, atol=1e-6)


def test_the_minibatchs_deviation_is_that_of_four_images_and_of_the_rest():
    x = normal(10, 4, 4, 3).astype("float32")
    plane = MinibatchStddev()(x)[..., 3]
    for first, last in ((0, 4), (4, 8), (8, 10)):
        spread = np.sqrt(x[first:last].var(axis=0) + 1e-8).mean()
        np.testing.assert_allclose(plane[first:last], spread, rtol=1e-5)


# Networks


def test_parameters_are_those_of_the_paper():
    """Its generator of 1024 px has 30,370,060, its discriminator 29,012,513."""
    assert expected_counts(1024, 32768, 512, 512, 8, 3) == (30_370_060, 29_012_513)
    wide = {"channel_base": 32768, "channel_max": 512, "latent_dim": 512, "mapping_layers": 8}
    with keras.device("cpu"):
        model = models.create(StyleGAN2Config(image_shape=(256, 256, 3), **wide))
    counts = tuple(
        sum(int(np.prod(v.shape)) for v in network.trainable_variables)
        for network in (model.generator, model.discriminator)
    )
    assert counts == expected_counts(256, 32768, 512, 512, 8, 3) == (30_034_338, 28_864_129)


def expected_counts(size, base, most, d, mapping, channels):
    def filters(side):
        return min(base // side, most)

    x = filters(4)
    generator = mapping * (d + 1) * d + 16 * x
    side = 4
    while side <= size:
        for _ in range(1 if side == 4 else 2):
            f = filters(side)
            generator += 9 * x * f + (d + 1) * x + 1 + f
            x = f
        generator += channels * x + (d + 1) * x + channels
        side *= 2
    discriminator = channels * x + x
    while side > 8:
        side //= 2
        f = filters(side // 2)
        discriminator += x * f + 9 * x * x + x + 9 * x * f + f
        x = f
    return generator, discriminator + 9 * (x + 1) * x + x + 16 * x * x + x + x + 1


def test_only_the_direction_of_z_counts_and_images_repeat():
    generator = tiny().generator
    z = normal(3, TINY.latent_dim).astype("float32")
    np.testing.assert_allclose(generator(z), generator(3.0 * z), atol=1e-5)
    np.testing.assert_array_equal(generator(z), generator(z))


def test_noise_of_a_training_differs_from_image_to_image_and_from_step_to_step():
    model = tiny()
    real = tf.zeros((2, 32, 32, 1))
    first, second = model._noise(real, "fake").numpy()
    model.generator_optimizer.iterations.assign(1)
    assert (first != second).any() and (first != model._noise(real, "fake").numpy()[0]).any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_styles_change_at_one_place_to_those_of_another_image(share):
    model = tiny(style_mixing=share)
    real, step = tf.zeros((16, 32, 32, 1)), 0
    styles = model._styles(real, None, "fake").numpy()
    first, other = (
        model.mapping(model.draw(16, f"fake/{name}", step)).numpy() for name in ("z", "other z")
    )
    from_first = (styles == first[:, np.newaxis]).all(axis=2)
    from_other = (styles == other[:, np.newaxis]).all(axis=2)
    assert (from_first ^ from_other).all()
    places = from_first.sum(axis=1)
    assert (np.sort(from_first, axis=1)[:, ::-1] == from_first).all() and places.min() >= 1
    if share:
        assert places.max() < num_styles(32) and len(set(places)) > 3
    else:
        assert (places == num_styles(32)).all()


def test_labels_decide_on_images_and_scores():
    model = tiny(n_classes=3)
    z = normal(1, TINY.latent_dim).astype("float32").repeat(3, 0)
    images = model.generator([z, np.arange(3)])
    assert np.ptp(np.asarray(images), axis=0).max() > 1e-3
    same = np.asarray(images)[:1].repeat(3, 0)
    assert np.ptp(np.asarray(model.discriminator([same, np.arange(3)]))) > 1e-4


# Penalties


def slopes(value, weights):
    with tf.GradientTape() as tape:
        tape.watch([v.value for v in weights])
        result = value()
    return tape.gradient(result, [v.value for v in weights], unconnected_gradients="zero")


def assert_gradient_of_differences(value, weights, epsilon: float = 1e-6):
    """That of finite differences along a random direction, in float64.

    They are so small that no leaky ReLU changes sides, where the slopes that are penalised jump.
    """
    gradients = slopes(value, weights)
    directions = [normal(*v.shape, seed=i) for i, v in enumerate(weights)]
    expected = sum(float(tf.reduce_sum(g * d)) for g, d in zip(gradients, directions, strict=True))
    before = [v.numpy() for v in weights]

    def moved(amount):
        for v, old, d in zip(weights, before, directions, strict=True):
            v.assign(old + amount * d)
        return float(value())

    difference = (moved(epsilon) - moved(-epsilon)) / (2 * epsilon)
    np.testing.assert_allclose(expected, difference, rtol=1e-3)


def test_r1_and_its_gradient_are_those_of_differences():
    model = tiny("float64")
    images = tf.constant(normal(4, 32, 32, 1))
    assert_gradient_of_differences(
        lambda: gradient_square(model.discriminator, images),
        model.discriminator.trainable_variables,
    )
    direction = tf.constant(normal(4, 32, 32, 1, seed=1))
    linear = lambda x: tf.reduce_sum(direction[:1] * x, axis=[1, 2, 3])[:, tf.newaxis]  # noqa: E731
    np.testing.assert_allclose(
        gradient_square(linear, images), np.sum(direction[0].numpy() ** 2), rtol=1e-12
    )


def test_path_lengths_and_their_gradient_are_those_of_differences():
    model = tiny("float64", path_length_weight=2.0)
    ws, noise = tf.constant(normal(2, num_styles(32), 8)), model._noise(tf.zeros((2, 1)), "x")
    y = tf.constant(normal(2, 32, 32, 1, seed=1))

    def synthesis(styles):
        return model.synthesis([styles, tf.cast(noise, tf.float64)])

    assert_gradient_of_differences(
        lambda: tf.reduce_mean(tf.square(path_lengths(synthesis, ws, y) - 0.1)),
        model.synthesis.trainable_variables,
    )
    lengths = path_lengths(synthesis, ws, y)
    gradient = np.zeros(ws.shape)
    for index in np.ndindex(*ws.shape[1:]):
        step = np.zeros(ws.shape)
        step[(slice(None), *index)] = 1e-6
        change = (synthesis(ws + step) - synthesis(ws - step)) / 2e-6
        gradient[(slice(None), *index)] = tf.reduce_sum(change * y, axis=[1, 2, 3]) / 32
    np.testing.assert_allclose(lengths, np.sqrt((gradient**2).sum(2).mean(1)), rtol=1e-5)


@pytest.mark.parametrize("every", [1, 3])
def test_r1_is_taken_at_every_kth_update_and_counts_k_times(every):
    model = tiny(r1_every=every, r1_weight=1.0)
    seen = tf.constant(normal(4, 32, 32, 1).astype("float32"))
    expected = float(gradient_square(model.discriminator, seen))
    for step in range(3):
        model.discriminator_optimizer.iterations.assign(step)
        value, gradients = model._smoothed(seen, None)
        taken = step % every == 0
        assert any(np.abs(g).max() > 0 for g in gradients) == taken
        np.testing.assert_allclose(value, every * expected * taken, rtol=1e-5)


def test_the_mean_path_length_follows_and_is_state_of_the_run():
    model = tiny(path_length_weight=2.0, path_length_every=2)
    real = normal(4, 32, 32, 1).astype("float32")
    length = float(model.train_on_batch(real, return_dict=True)["path_length"]) / 2
    assert float(model.path_length.value) == pytest.approx(0.01 * length, rel=1e-5)
    assert any(variable is model.path_length for variable in model.state)
    assert "path_length" not in tiny().metric_names or TINY.path_length_weight


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image_shape": (64, 64, 5)}, "channels is 5; valid: 1, 2, 3, 4"),
        ({"image_shape": (96, 96, 3)}, "possible: 32, 64, 128, 256"),
        ({"mapping_layers": 9}, r"mapping_layers is 9; must be in \[2, 8\]"),
        ({"style_mixing": 1.5}, r"style_mixing is 1.5; must be in \[0, 1\]"),
        ({"r1_weight": -1.0}, "r1_weight is -1.0; must not be negative"),
        ({"channel_base": 0}, "channel_base is 0; must be at least 1"),
    ],
)
def test_impossible_values_are_named(fields, message):
    with pytest.raises(InputError, match=message):
        StyleGAN2Config(**fields)


def test_pairs_of_image_and_mask_have_a_channel_more():
    for channels in (2, 4):
        model = tiny(image_shape=(32, 32, channels))
        assert model(model.draw(2, "test", 0)).shape == (2, 32, 32, channels)
