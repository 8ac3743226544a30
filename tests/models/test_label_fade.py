"""Labels that fade in: heard at random before, in part while they do, and as they are after."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.test_networks import batch, small
from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.errors import InputError
from tfmedgan.recipes import fading_labels

CONDITIONAL = ("cgan", "cgan64", "wgan-gp64", "rgan")


def faded(name, label_fade, n_classes=3):
    model = models.create(small(name, n_classes=n_classes), seed=1)
    optimizers = (keras.optimizers.Adam(1e-4) for _ in range(2))
    model.compile(*optimizers, label_fade=label_fade, run_eagerly=True)
    return model


@pytest.mark.parametrize(
    ("step", "kept"), [(0, 1 / 3), (100, 1 / 3), (150, 2 / 3), (200, 1.0), (900, 1.0)]
)
def test_as_many_labels_are_kept_as_the_update_allows(step, kept):
    """Of three classes a third is right by chance; 3,000 labels have an error of 0.9 %."""
    model = faded("cgan", (100, 200))
    model.generator_optimizer.iterations.assign(step)
    labels = tf.constant(np.arange(3000) % 3, tf.int32)
    told = model.told_labels(labels)
    assert np.mean(np.asarray(told) == np.asarray(labels)) == pytest.approx(kept, abs=0.03)


@pytest.mark.parametrize("name", CONDITIONAL)
def test_a_discriminator_hears_no_label_before_and_every_label_after(name):
    """Before, its scores in training do not depend on the labels; in validation they do."""
    model = faded(name, (100, 200))
    images, labels = (tf.constant(value) for value in batch(model, 8))
    others = (labels + 1) % 3

    def differs(training):
        keras.utils.set_random_seed(0)  # dropout
        first = model.score(images, labels, training=training)
        keras.utils.set_random_seed(0)
        second = model.score(images, others, training=training)
        return bool(np.abs(np.asarray(first) - np.asarray(second)).max() > 1e-6)

    stochastic = any(
        isinstance(layer, keras.layers.Dropout) for layer in model.discriminator.layers
    )
    assert differs(training=False)
    if not stochastic:
        assert not differs(training=True)
    model.generator_optimizer.iterations.assign(200)
    assert differs(training=True)
    logs = model.train_on_batch(*batch(model, 8), return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())


def test_the_same_update_hears_the_same_labels():
    model, labels = faded("rgan", (0, 10)), tf.constant([0, 1, 2] * 20)
    model.generator_optimizer.iterations.assign(5)
    first, again = model.told_labels(labels), model.told_labels(labels)
    assert (np.asarray(first) == np.asarray(again)).all()
    model.discriminator_optimizer.iterations.assign(1)
    assert (np.asarray(first) != np.asarray(model.told_labels(labels))).any()


def test_a_fade_is_a_part_of_the_training_and_of_its_record():
    experiment = replace(ARCHITECTURES["cgan"], epochs=10, batch_size=20)
    faded_in = fading_labels(experiment, (0.4, 0.8), images=100)
    assert faded_in.label_fade == (20, 40)  # of 50 updates
    assert type(experiment).from_json(faded_in.to_json()) == faded_in


@pytest.mark.parametrize(
    ("name", "fade", "message"),
    [
        ("cgan", (20, 20), "from update 20 to 20; the second must be above the first"),
        ("dcgan64", (1, 2), "only fade in where the networks take them"),
    ],
)
def test_impossible_fades_are_refused(name, fade, message):
    with pytest.raises(InputError, match=message):
        replace(ARCHITECTURES[name], label_fade=fade)
