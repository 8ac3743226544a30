"""One field for the loss: what it changes of a DCGAN, and what it leaves as it was."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.architectures.dcgan64 import LOSSES, CGAN64Config, DCGAN64Config
from tfmedgan.cli.resolve import overridden
from tfmedgan.config import DiffAugment
from tfmedgan.errors import InputError
from tfmedgan.serialization import decode, encode

TINY = DCGAN64Config(image_shape=(32, 32, 1), latent_dim=8, ngf=4, ndf=4)


def compiled(config, **options):
    model = models.create(config, seed=1)
    optimizers = (keras.optimizers.Adam(2e-4, 0.5) for _ in range(2))
    model.compile(*optimizers, run_eagerly=True, **options)
    return model


def batch(config, count=6):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (count, *config.image_shape)).astype("float32")
    return images, rng.integers(0, max(1, config.n_classes), count).astype("int32")


def test_default_is_that_of_earlier_runs():
    stored = encode(TINY)
    assert stored.pop("loss") == "non_saturating"
    assert decode(stored) == TINY
    assert not compiled(TINY).from_logits


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("config", [TINY, CGAN64Config(**{**vars(TINY), "n_classes": 2})])
def test_a_step_of_each_loss(config, loss):
    """The five columns keep their meaning, so that alarms do: how real images are judged to be."""
    model = compiled(dataclasses.replace(config, loss=loss), augment=DiffAugment())
    before = [np.array(v) for v in (*model.generator.weights, *model.discriminator.weights)]
    logs = model.train_on_batch(*batch(config), return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())
    assert all(0 <= logs[name] <= 1 for name in ("d_real", "d_fake_before", "d_fake_after"))
    after = (*model.generator.weights, *model.discriminator.weights)
    assert all((np.asarray(new) != old).any() for new, old in zip(after, before, strict=True))


@pytest.mark.parametrize("loss", LOSSES)
def test_only_the_end_of_the_discriminator_differs(loss):
    plain, other = models.create(TINY), models.create(TINY, loss=loss)
    for a, b in zip(plain.discriminator.weights, other.discriminator.weights, strict=True):
        np.testing.assert_array_equal(a, b)
    images = tf.constant(batch(TINY)[0])
    probabilities, scores = (m.score(images, None, training=False) for m in (plain, other))
    expected = probabilities if loss == "non_saturating" else tf.sigmoid(scores)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-5)


def test_pairs_share_the_label_of_the_real_image():
    config = CGAN64Config(**{**vars(TINY), "n_classes": 4, "loss": "relativistic"})
    model, told = compiled(config), []
    score = model.score
    model.score = lambda images, labels, **options: (
        told.append(np.array(labels)) or score(images, labels, **options)
    )
    images, labels = batch(config)
    model.train_on_batch(images, labels)
    assert len(told) == 4 and all((each == labels).all() for each in told)


def test_a_wasserstein_loss_is_sent_to_the_family_with_a_penalty():
    with pytest.raises(InputError, match=r"kept Lipschitz.*take wgan-gp64"):
        overridden(ARCHITECTURES["dcgan64"], {"loss": "wasserstein"})


@pytest.mark.parametrize(
    ("name", "loss", "message"),
    [
        ("dcgan64", "squares", "unknown loss 'squares'; valid: non_saturating, least_squares"),
        ("wgan-gp64", "hinge", "--loss: wgan-gp64 takes none"),
        ("rgan", "hinge", "--loss: rgan takes none"),
    ],
)
def test_impossible_losses_are_named(name, loss, message):
    with pytest.raises(InputError, match=message):
        overridden(ARCHITECTURES[name], {"loss": loss})
