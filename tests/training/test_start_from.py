"""A training that starts from another run: same networks, its own optimizers, both sets watched."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.architectures.rgan import RGANConfig
from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError
from tfmedgan.evaluation.inputs import run_inputs
from tfmedgan.training import RunDirectory, resume, train
from tfmedgan.training.loop import build
from tfmedgan.training.start_from import load_weights, start_from

SHAPE = (32, 32, 1)
MODEL = RGANConfig(image_shape=SHAPE, latent_dim=8, ngf=4, ndf=4, epoch_images=0)


def experiment_on(source: str, n_classes: int = 0, **fields):
    return replace(
        ARCHITECTURES["rgan"],
        data=DataConfig(source=source, steps=standard_steps(SHAPE)),
        model=replace(MODEL, n_classes=n_classes),
        batch_size=16,
        epochs=2,
        **fields,
    )


def state_of(run) -> dict[str, np.ndarray]:
    with np.load(RunDirectory(run).checkpoints / "step-00000004.npz") as file:
        return {key: file[key] for key in file.files}


@pytest.fixture(scope="module")
def former(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "former"
    train(experiment_on("phantom:chest:48", n_classes=2), path, progress=False)
    return path


def test_networks_and_average_are_those_of_the_other_run(former):
    experiment = experiment_on("phantom:fundus:60:1", n_classes=5)
    model = build(replace(experiment, start_from=start_from(former, experiment.model)))
    initial = build(experiment)
    source = build(RunDirectory(former).experiment)
    from tfmedgan.training.checkpoints import CheckpointStore

    CheckpointStore(former / "checkpoints").restore(source)
    load_weights(start_from(former, experiment.model), model)
    for name in ("generator", "discriminator", "ema_generator"):
        triples = zip(*(getattr(m, name).variables for m in (model, source, initial)), strict=True)
        for ours, theirs, new in triples:
            of_labels = ours.path.endswith("embeddings")  # 5 classes here, 2 there
            expected = new if of_labels else theirs
            np.testing.assert_array_equal(np.asarray(ours), np.asarray(expected), ours.path)
    assert int(model.generator_optimizer.iterations) == 0


def test_a_killed_start_goes_on_as_if_it_had_not_been(former, tmp_path):
    experiment = experiment_on("phantom:chest:48:7", n_classes=2, seed=3)
    experiment = replace(experiment, start_from=start_from(former, experiment.model))
    train(experiment, tmp_path / "whole", progress=False)
    train(replace(experiment, epochs=1), tmp_path / "parts", progress=False)
    resume(tmp_path / "parts", epochs=2, progress=False)
    whole, parts = state_of(tmp_path / "whole"), state_of(tmp_path / "parts")
    assert all((whole[key] == parts[key]).all() for key in whole)
    cold = replace(experiment, start_from=None)
    train(cold, tmp_path / "cold", progress=False)
    assert any((whole[key] != value).any() for key, value in state_of(tmp_path / "cold").items())
    assert RunDirectory(tmp_path / "whole").experiment == experiment


def test_copies_are_looked_for_in_both_sets(former, tmp_path):
    experiment = experiment_on("phantom:chest:48:7", n_classes=2)
    experiment = replace(experiment, start_from=start_from(former, experiment.model))
    train(experiment, tmp_path / "run", progress=False)
    training = run_inputs(tmp_path / "run", num=8).training
    sets = [prepare(e.data, e.seed) for e in (experiment, RunDirectory(former).experiment)]
    assert len(training) == sum(len(data.parts["train"]) for data in sets)
    (tmp_path / "run/config.json").write_text(
        (tmp_path / "run/config.json").read_text().replace(str(former), str(tmp_path / "gone"))
    )
    with pytest.raises(InputError, match=r"gone: no such run directory.*go on without that check"):
        run_inputs(tmp_path / "run", num=8)
    own = run_inputs(tmp_path / "run", num=8, copies=False)
    assert len(own.training) == len(sets[0].parts["train"])


def test_labels_of_two_runs_are_not_mixed(former, tmp_path):
    experiment = experiment_on("phantom:fundus:48", n_classes=5)
    experiment = replace(experiment, start_from=start_from(former, experiment.model), epochs=1)
    train(experiment, tmp_path / "run", progress=False)
    inputs = run_inputs(tmp_path / "run", num=8)
    assert inputs.training.labels is None and set(inputs.labelled.labels) == set(range(5))


def test_aids_may_differ(former):
    start_from(former, replace(MODEL, n_classes=2, energy_weight=1.0, penalty_weight=0.1))


def test_styles_of_other_classes(tmp_path):
    base = ARCHITECTURES["stylegan2"]
    model = replace(
        base.model, image_shape=SHAPE, latent_dim=8, mapping_layers=2, channel_base=64,
        channel_max=4, n_classes=2,
    )  # fmt: skip
    data = DataConfig(source="phantom:chest:16", steps=standard_steps(SHAPE))
    experiment = replace(base, data=data, model=model, batch_size=8, epochs=1)
    train(experiment, tmp_path / "former", progress=False)
    other = replace(model, n_classes=3)
    load_weights(start_from(tmp_path / "former", other), build(replace(experiment, model=other)))


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (replace(MODEL, n_classes=2, ngf=8), "its networks are others .ngf 4, not 8"),
        (MODEL, "labels in one of the two only"),
        (ARCHITECTURES["dcgan64"].model, "its networks are others .rgan, not dcgan64"),
    ],
)
def test_other_networks_are_refused(former, model, message):
    with pytest.raises(InputError, match=message):
        start_from(former, model)


def test_a_damaged_checkpoint_is_refused_before_anything_is_written(former, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(former, copy)
    for checkpoint in (copy / "checkpoints").iterdir():
        checkpoint.write_bytes(checkpoint.read_bytes()[:2000])
    with pytest.raises(InputError, match="damaged checkpoint"):
        start_from(copy, replace(MODEL, n_classes=2))


def test_a_changed_checkpoint_is_refused(former):
    experiment = experiment_on("phantom:chest:48", n_classes=2)
    start = replace(start_from(former, experiment.model), sha256="0" * 64)
    with pytest.raises(InputError, match="is gone or has changed"):
        load_weights(start, build(experiment))
