"""The hybrid of a trained critic and an LSTM."""

from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import networks
from tfmedgan.classifiers.catalogue.critic_lstm import CriticLSTMConfig
from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.prediction import load_classifier
from tfmedgan.classifiers.run import ClassifierRun, train
from tfmedgan.config import DataConfig
from tfmedgan.data.steps import Resize, ToRGB, adapted
from tfmedgan.errors import InputError
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training import train as train_gan
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.loop import build as build_gan

SHAPE = (32, 32, 3)


@pytest.fixture(scope="module")
def gan_run(tmp_path_factory):
    base = ARCHITECTURES["wgan-gp64"]
    data = replace(base.data, source="phantom:foot:20", steps=adapted(base.data.steps, SHAPE))
    model = replace(base.model, image_shape=SHAPE, ngf=4, ndf=4, critic_steps=1)
    tiny = replace(base, data=data, model=model, batch_size=8, epochs=1, augment=None)
    place = tmp_path_factory.mktemp("gan") / "run"
    train_gan(tiny, place, progress=False)
    return place


def test_the_features_are_those_of_the_trained_critic(gan_run):
    network = networks.build(CriticLSTMConfig(SHAPE, critic=str(gan_run), lstm_units=8))
    gan = build_gan(RunDirectory.open(gan_run).experiment)
    CheckpointStore(gan_run / "checkpoints").restore(gan)
    inner = network.get_layer("critic_features")
    pairs = zip(inner.get_weights(), gan.critic.get_weights(), strict=False)
    assert all(np.array_equal(a, b) for a, b in pairs)
    assert len(inner.get_weights()) == len(gan.critic.get_weights()) - 1  # without the score
    assert inner.outputs[0].shape[1:] == (4, 4, 16)


def test_features_are_frozen_unless_fine_tuned(gan_run):
    frozen = networks.build(CriticLSTMConfig(SHAPE, critic=str(gan_run)))
    # 4·256·(16 + 256 + 1) + 4·256·(256 + 256 + 1) + 257, over 16 feature maps
    assert sum(int(np.prod(v.shape)) for v in frozen.trainable_variables) == 805_121
    tuned = networks.build(CriticLSTMConfig(SHAPE, critic=str(gan_run), fine_tune=True))
    assert len(tuned.trainable_variables) > len(frozen.trainable_variables)


def test_the_head_depends_on_the_classifiers_seed(gan_run):
    config = CriticLSTMConfig(SHAPE, critic=str(gan_run), lstm_units=4)
    kernels = [networks.build(config, seed).get_weights()[-2] for seed in (1, 1, 2)]
    assert np.array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[0], kernels[2])


def test_it_trains_and_loads_without_the_gan(gan_run, tmp_path):
    data = DataConfig(source="phantom:foot:20", steps=(ToRGB(), Resize(32)))
    config = CriticLSTMConfig(SHAPE, critic=str(gan_run), lstm_units=4, lstm_layers=1)
    experiment = ClassifierExperiment(data, config, epochs=1, batch_size=8)
    train(experiment, tmp_path / "run", progress=False)
    model = load_classifier(ClassifierRun.open(tmp_path / "run"))
    probabilities = np.asarray(model(np.zeros((1, *SHAPE), np.float32)))
    assert probabilities.shape == (1, 2) and probabilities.sum() == pytest.approx(1)


def test_a_critic_that_saw_test_images_is_refused_by_name(gan_run, tmp_path):
    data = DataConfig(source="phantom:foot:20", steps=(ToRGB(), Resize(32)))
    config = CriticLSTMConfig(SHAPE, critic=str(gan_run))
    other_split = ClassifierExperiment(data, config, seed=1)
    with pytest.raises(InputError, match=r"leak: the critic of .* such as foot/\d/\d+"):
        train(other_split, tmp_path / "run", progress=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "critic-lstm needs a trained critic; give --critic RUN"),
        ({"critic": "nowhere"}, "nowhere: no such run directory"),
        ({"image_shape": (64, 64, 3)}, "its critic takes .* use --image-size 32 --channels 3"),
    ],
)
def test_refusals(gan_run, fields, message):
    given = {"image_shape": SHAPE, **fields}
    if "image_shape" in fields:
        given["critic"] = str(gan_run)
    with pytest.raises(InputError, match=message):
        networks.build(CriticLSTMConfig(**given))
