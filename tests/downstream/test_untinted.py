"""Of grey images a study makes grey ones, also with a generator of three channels."""

from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.config import DataConfig
from tfmedgan.data.steps import Resize, ToRGB, standard_steps
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm
from tfmedgan.downstream.material import real_images
from tfmedgan.downstream.synthesis import synthesise

SHAPE = (32, 32, 3)


@pytest.fixture(scope="module")
def images_of(tmp_path_factory):
    """Function: synthetic images of a source, with a generator that has hardly learned."""

    def images(kind: str, untinted: bool) -> np.ndarray:
        folder = tmp_path_factory.mktemp("study")
        base = ARCHITECTURES["cgan"]
        model = replace(base.model, image_shape=SHAPE)
        experiment = replace(base, model=model, batch_size=8, data=replace(
            base.data, steps=standard_steps(SHAPE)))  # fmt: skip
        arm = GeneratorArm("cgan", experiment, updates=1)
        classifier = CLASSIFIERS["small-cnn"]
        network = replace(classifier.network, image_shape=SHAPE)
        data = DataConfig(
            source=f"phantom:{kind}:40", steps=(ToRGB(), Resize(32, aspect="stretch")),
            fractions=(0.5, 0.2, 0.3),
        )  # fmt: skip
        study = DownstreamStudy(
            data,
            replace(classifier, network=network, data=data),
            (arm,),
            seeds=1,
            untinted=untinted,
        )
        classes = len(real_images(study, folder / "split.json").class_names)
        return synthesise(study, arm, folder, 0, [2] * classes)[0].astype(int)

    return images


def test_chests_are_made_grey(images_of):
    made, grey = images_of("chest", False), images_of("chest", True)
    assert np.abs(made - made[..., :1]).max() > 0, "the generator tints them"
    assert (grey == grey[..., :1]).all()
    assert np.abs(grey[..., 0] - made.mean(axis=-1)).max() <= 1, "but for that they are the same"


def test_colours_stay(images_of):
    colours = images_of("foot", True)
    assert np.abs(colours - colours[..., :1]).max() > 0
