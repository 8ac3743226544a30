"""Images with masks from an array file to a run: trained, resumed, drawn, validated."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import ValidationConfig
from tfmedgan.data.masks import OUTLINE
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import FlipHorizontal, standard_steps
from tfmedgan.training import RunDirectory, resume, train


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """A DCGAN on 48 discs of 28 px and their masks."""
    y, x = np.indices((32, 32))
    dice = np.random.default_rng(0)
    masks = np.stack([(y - a) ** 2 + (x - b) ** 2 < r for a, b, r in dice.integers(8, 60, (48, 3))])
    images = (masks * 160 + dice.integers(0, 90, masks.shape)).astype(np.uint8)
    path = tmp_path_factory.mktemp("pairs") / "discs.npz"
    np.savez(path, images=images, masks=masks)
    base, shape = ARCHITECTURES["dcgan"], (28, 28, 2)
    *before, last = standard_steps(shape)
    data = replace(
        base.data, source=str(path), masks=True, steps=(*before, FlipHorizontal(), last),
        fractions=(0.5, 0.5, 0.0),
    )  # fmt: skip
    model = replace(base.model, image_shape=shape)
    return replace(base, data=data, model=model, batch_size=8, epochs=2)


@pytest.mark.parametrize("validated", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_pairs_train_and_a_resumed_run_is_the_uninterrupted_one(experiment, tmp_path, validated):
    watched = ValidationConfig(every=int(validated), images=20)
    experiment = replace(experiment, validation=watched)
    data = prepare(experiment.data, experiment.seed)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(experiment, whole, data=data, progress=False)
    train(replace(experiment, epochs=1), parts, data=data, progress=False)
    resume(parts, epochs=2, data=data, progress=False)
    states = [
        np.load(sorted((run / "checkpoints").glob("step-*.npz"))[-1]) for run in (whole, parts)
    ]
    assert all(np.array_equal(states[0][key], states[1][key]) for key in states[0].files)
    for name in ("metrics.csv", "diversity.csv", *(["validation.csv"] if validated else [])):
        assert (whole / name).read_text() == (parts / name).read_text()
    run = RunDirectory.open(whole)
    assert run.experiment == experiment and run.experiment.data.masks
    grid = np.asarray(Image.open(whole / "samples/epoch-0002.png"))
    assert (grid == OUTLINE).all(axis=2).any()
