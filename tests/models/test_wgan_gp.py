"""Identities of the Wasserstein GAN with gradient penalty."""

import dataclasses
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan import models
from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.losses import gradient_penalty, wasserstein_distance
from tfmedgan.models import blocks, sampling

TINY = WGANGPConfig(image_shape=(32, 32, 1), latent_dim=8, ngf=4, ndf=4, critic_steps=2)


def tiny(**fields):
    model = models.create(TINY, seed=1, **fields)
    model.compile(*(keras.optimizers.Adam(1e-3, 0.0, 0.9) for _ in range(2)))
    return model


def test_penalty_of_a_linear_critic_is_known():
    """D(x) = ⟨w, x⟩ has the gradient w everywhere, so the penalty is (‖w‖ − 1)²."""
    w = np.random.default_rng(0).normal(size=(5, 5, 2)).astype("float32")
    x_hat = tf.random.stateless_normal((3, 5, 5, 2), (0, 0))
    penalty, norms = gradient_penalty(
        lambda x: tf.reduce_sum(w * x, axis=[1, 2, 3])[:, tf.newaxis], x_hat
    )
    norm = np.linalg.norm(w)
    np.testing.assert_allclose(norms, [norm] * 3, rtol=1e-6)  # float32
    np.testing.assert_allclose(penalty, (norm - 1) ** 2, rtol=1e-5)


def test_penalty_has_a_finite_gradient_where_the_critic_is_flat():
    scale = tf.Variable(0.0)
    with tf.GradientTape() as tape:
        penalty, _ = gradient_penalty(
            lambda x: scale * tf.reduce_sum(x, axis=[1, 2, 3])[:, tf.newaxis], tf.ones((2, 4, 4, 1))
        )
    assert math.isfinite(tape.gradient(penalty, scale))


def test_penalty_takes_each_image_by_itself():
    """The critic's normalisation must not mix images: a batch of one gives the same norm."""
    critic = tiny().critic
    x_hat = tf.random.stateless_uniform((4, 32, 32, 1), (0, 1), -1, 1)
    _, norms = gradient_penalty(critic, x_hat)
    alone = [gradient_penalty(critic, x_hat[i : i + 1])[1][0] for i in range(4)]
    np.testing.assert_allclose(norms, alone, rtol=1e-5)


def test_the_critic_loss_has_the_papers_sign():
    """mean(D(fake)) − mean(D(real)) + λ·penalty falls when reals score higher than fakes."""
    assert float(wasserstein_distance(tf.constant([[3.0]]), tf.constant([[1.0]]))) == 2.0
    model = tiny(penalty_weight=0.0)
    real, fake = (tf.fill((2, 32, 32, 1), value) for value in (0.5, -0.5))
    noise = tf.random.stateless_normal((2, 32, 32, 1), (0, 2), stddev=0.1)
    loss, estimate, *_ = model._critic_loss(real + noise, fake + noise, real, None)
    scores = [float(tf.reduce_mean(model.critic(x + noise))) for x in (real, fake)]
    assert float(loss) == pytest.approx(scores[1] - scores[0], abs=1e-5)
    assert float(estimate) == pytest.approx(-float(loss))


def test_critic_loss_falls_with_a_frozen_generator_and_constant_reals():
    model = tiny()
    real = tf.random.stateless_uniform((8, 32, 32, 1), (0, 3), 0.2, 1.0)
    update = tf.function(model.update_critic)
    losses = [float(update(real)[0]) for _ in range(60)]
    assert np.mean(losses[-10:]) < np.mean(losses[:10]) - 1


@pytest.mark.parametrize("interpolation", ["uniform", "normal"])
def test_each_image_has_its_own_interpolation(interpolation):
    model = tiny(interpolation=interpolation)
    real, fake = tf.ones((400, 32, 32, 1)), tf.zeros((400, 32, 32, 1))
    alpha = np.asarray(model.interpolated(real, fake, 0))
    assert (np.ptp(alpha.reshape(400, -1), axis=1) == 0).all()
    assert len(np.unique(alpha)) > 390
    outside = (alpha < 0).any() or (alpha > 1).any()
    assert outside == (interpolation == "normal")
    mean = {"uniform": 0.5, "normal": 0.0}[interpolation]
    assert abs(alpha[:, 0, 0, 0].mean() - mean) < 0.2


def test_fresh_reals_are_shared_out_and_repeated_otherwise():
    images = tf.reshape(tf.range(4.0), (4, 1, 1, 1))
    fresh, same = tiny(), tiny(fresh_reals=False)
    assert fresh.config.images_per_step(10) == 20 and same.config.images_per_step(10) == 10
    shares = [fresh._real_batch(k, images, None)[0].numpy().ravel().tolist() for k in range(2)]
    assert shares == [[0.0, 1.0], [2.0, 3.0]]
    repeated = [same._real_batch(k, images, None)[0].numpy().ravel().tolist() for k in range(2)]
    assert repeated == [[0.0, 1.0, 2.0, 3.0]] * 2


def test_fewer_images_than_critic_steps_still_make_a_step():
    logs = tiny(critic_steps=3).train_on_batch(
        np.zeros((2, 32, 32, 1), "float32"), return_dict=True
    )
    assert all(map(math.isfinite, logs.values()))


def test_a_small_noise_factor_survives_bfloat16():
    layer = tiny(precision="mixed_bfloat16", noise_factor=0.01).generator.get_layer("noise")
    z = np.ones((1, 8), np.float32)
    assert np.asarray(layer(z)) == pytest.approx(math.sqrt(1.0001), rel=1e-7)


def test_noise_factor_widens_the_latent_distribution():
    """z + f·n has the distribution of √(1 + f²)·z; with f = 0 nothing is added."""
    plain, noisy = tiny(), tiny(noise_factor=0.5)
    names = [layer.name for layer in plain.generator.layers]
    assert "noise" not in names
    noisy.generator.set_weights(plain.generator.get_weights())
    z = sampling.latent_vectors(4, 8, seed=0)
    widened = plain.generator(z * math.sqrt(1.25))
    np.testing.assert_allclose(noisy.generator(z), widened, atol=1e-6)


def test_the_critic_can_see_another_range_than_the_generator_delivers():
    model = tiny(critic_range=(0.0, 1.0))
    seen = model.augmented(tf.constant([-1.0, 0.0, 1.0]))
    np.testing.assert_allclose(seen, [0.0, 0.5, 1.0])
    assert tiny().augmented(tf.constant([-1.0, 0.0, 1.0])).numpy().tolist() == [-1.0, 0.0, 1.0]


def test_labels_change_samples_and_scores_of_the_conditional_form():
    model = tiny(n_classes=3)
    z = sampling.latent_vectors(2, 8, seed=0)
    images = [np.asarray(model.generator([z, tf.fill(2, label)])) for label in (0, 1)]
    assert np.abs(images[0] - images[1]).max() > 0
    scores = [np.asarray(model.score(tf.constant(images[0]), tf.fill(2, n))) for n in (0, 1)]
    assert np.abs(scores[0] - scores[1]).max() > 0


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("critic_steps", 0, "critic_steps is 0; must be at least 1"),
        ("penalty_weight", -1.0, "penalty_weight is -1.0; must not be negative"),
        ("interpolation", "cubic", "unknown interpolation 'cubic'; valid: uniform, normal"),
        ("ngf", 0, "ngf is 0"),
    ],
)
def test_impossible_values_are_refused(field, value, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(TINY, **{field: value})


def test_instance_norm_has_the_right_second_derivative():
    """Beside finite differences of ‖∂s/∂x‖² along a change of the kernel, in float64.

    Keras's GroupNormalization fails this by three per cent.
    """
    rng = np.random.default_rng(0)
    x, kernel, change = (rng.normal(size=s) for s in ((2, 8, 8, 3), (4, 4, 3, 5), (4, 4, 3, 5)))
    norm = blocks.InstanceNorm(dtype="float64")
    np.testing.assert_allclose(np.mean(norm(x), axis=(1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(np.var(norm(x), axis=(1, 2)), 1, atol=1e-4)

    def penalty(kernel):
        points = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(points)
            total = tf.reduce_sum(tf.sin(norm(tf.nn.conv2d(points, kernel, 2, "SAME"))))
        return tf.reduce_sum(tf.square(tape.gradient(total, points)))

    kernel = tf.constant(kernel)
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        value = penalty(kernel)
    slope = tf.reduce_sum(tape.gradient(value, kernel) * change)
    step = 1e-6
    numeric = (penalty(kernel + step * change) - penalty(kernel - step * change)) / (2 * step)
    np.testing.assert_allclose(slope, numeric, rtol=1e-6)  # error of a central difference
