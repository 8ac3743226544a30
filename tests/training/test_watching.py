"""Alarms, validation, the best checkpoint and early stopping."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import ValidationConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.errors import InputError, Interrupted
from tfmedgan.evaluation.features import Extractor
from tfmedgan.evaluation.log_signs import collapsed, training_alarms
from tfmedgan.evaluation.similarity import ms_ssim
from tfmedgan.models import sampling
from tfmedgan.run_directory import RunDirectory
from tfmedgan.run_logs import read_rows
from tfmedgan.training import resume, train, validation
from tfmedgan.training.alarms import similarity_of_reals
from tfmedgan.training.callbacks import StopOnRequest
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.validation import Validation
from tfmedgan.training.validation_checks import check


@pytest.fixture(scope="module")
def small():
    """Forty images a class, so that validation has twenty and more."""
    base = ARCHITECTURES["cgan"]
    data = replace(base.data, source="phantom:fundus:40")
    experiment = replace(
        base, data=data, batch_size=24, epochs=4, validation=ValidationConfig(every=2, images=30)
    )
    return experiment, prepare(data, 0)


@pytest.fixture
def quick_features(monkeypatch):
    """Mean colours instead of InceptionV3: training is watched here, not measured."""

    def network(batch):
        parts = batch.reshape(len(batch), 4, 8, 4, 8, 3).mean(axis=(2, 4))
        return parts.reshape(len(batch), -1).astype("float32"), None

    extractor = Extractor("mean", "0" * 64, (32, 32), 3, network)
    monkeypatch.setattr(validation, "open_extractor", lambda name: extractor)


def files(run):
    return {p.name: p.read_text() for p in (run / "validation.csv", run / "diversity.csv")}


def test_the_best_checkpoint_becomes_the_generator(small, quick_features, tmp_path):
    experiment, data = small
    train(experiment, tmp_path / "run", data=data, progress=False)
    run = RunDirectory.open(tmp_path / "run")
    rows = read_rows(run.validation_csv)
    assert [row["epoch"] for row in rows] == [2, 4]
    assert set(rows[0]) == {"epoch", "step", "kid_mean", "fid_mean", "validation_loss"}
    best = min(rows, key=lambda row: row["kid_mean"])
    summary = json.loads(run.summary_path.read_text())
    assert summary["generator"] == {
        "epoch": best["epoch"], "chosen by": "KID on the validation images",
    }  # fmt: skip
    assert (run.checkpoints / "best.npz").is_file()
    assert [path.name[:4] for path in sorted(run.checkpoints.glob("step-*"))] == ["step"] * 3


@pytest.mark.parametrize(
    ("features", "opened_before"), [("random", 0), ("multiscale", 0), ("other.keras", 1)]
)
def test_training_does_not_wait_for_what_only_validation_needs(
    small, monkeypatch, tmp_path, features, opened_before
):
    """But for a file, which may be damaged: that is said before the first step."""
    _, data = small
    opened = []
    monkeypatch.setattr(validation, "open_extractor", opened.append)
    config = ValidationConfig(every=2, images=30, patience=3, features=features)
    run = RunDirectory(tmp_path)
    watcher = Validation(config, run, CheckpointStore(run.checkpoints), data, 0)
    assert watcher.reason_to_stop() == ""
    assert len(opened) == opened_before


def test_interrupted_and_resumed_validates_as_uninterrupted(
    small, quick_features, tmp_path, monkeypatch
):
    experiment, data = small
    train(experiment, tmp_path / "whole", data=data, progress=False)

    def request(self, batch, logs=None):
        self.requested = int(self.model.generator_optimizer.iterations) == 13
        original(self, batch, logs)

    original = StopOnRequest.on_train_batch_end
    monkeypatch.setattr(StopOnRequest, "on_train_batch_end", request)
    with pytest.raises(Interrupted):
        train(experiment, tmp_path / "cut", data=data, progress=False)
    monkeypatch.setattr(StopOnRequest, "on_train_batch_end", original)
    resume(tmp_path / "cut", data=data, progress=False)
    assert files(tmp_path / "whole") == files(tmp_path / "cut")
    generators = [
        keras.saving.load_model(tmp_path / name / "generator.keras").get_weights()
        for name in ("whole", "cut")
    ]
    assert all((a == b).all() for a, b in zip(*generators, strict=True))


def test_training_stops_when_fid_no_longer_improves(small, quick_features, tmp_path, monkeypatch):
    experiment, data = small
    figures = iter([3.0, 2.0, 2.5, 2.2, 1.0])
    monkeypatch.setattr(
        validation.Validation,
        "measure",
        lambda self: {"kid_mean": 1.0, "fid_mean": next(figures), "validation_loss": 0.0},
    )
    config = ValidationConfig(every=1, patience=2)
    run = tmp_path / "run"
    history = train(
        replace(experiment, epochs=5, validation=config), run, data=data, progress=False
    )
    assert len(history) == 4  # best at epoch 2
    summary = json.loads((run / "summary.json").read_text())
    assert summary["stopped"] == "fid_mean has not improved for 2 epochs"
    assert len(resume(run, data=data, progress=False)) == 4  # a stopped run stays stopped


def test_of_generators_that_cannot_be_told_apart_the_last_is_taken(
    small, quick_features, tmp_path, monkeypatch
):
    """Features that need no download see no late gain; what is clearly worse is left."""
    experiment, data = small
    figures = iter([0.50, 0.40, 0.45, 0.80])
    monkeypatch.setattr(validation.Validation, "noise", 0.06)
    monkeypatch.setattr(
        validation.Validation,
        "measure",
        lambda self: {"kid_mean": next(figures), "fid_mean": 1.0, "validation_loss": 0.0},
    )
    config = ValidationConfig(every=1)
    run = tmp_path / "run"
    train(replace(experiment, validation=config), run, data=data, progress=False)
    assert json.loads((run / "summary.json").read_text())["generator"]["epoch"] == 3


def test_noise_is_how_much_kid_varies_between_reals(small, quick_features, tmp_path):
    experiment, data = small
    run = RunDirectory(tmp_path)
    watcher = Validation(experiment.validation, run, CheckpointStore(run.checkpoints), data, 0)
    features = watcher.real_features
    kids = []
    for seed in range(200):
        order = np.random.default_rng(seed).permutation(len(features))
        left, right = features[order[: len(order) // 2]], features[order[len(order) // 2 :]]
        kids.append(validation.kid(left, right))
    assert 0.6 * np.std(kids) < watcher.noise < 1.5 * np.std(kids)


def test_a_rising_validation_loss_stops_too(small, quick_features, tmp_path, monkeypatch):
    experiment, data = small
    figures = iter([0.5, 0.6, 0.7, 0.8])
    monkeypatch.setattr(
        validation.Validation,
        "measure",
        lambda self: {"kid_mean": 1.0, "fid_mean": 1.0, "validation_loss": next(figures)},
    )
    config = ValidationConfig(every=1, loss_patience=3)
    history = train(
        replace(experiment, validation=config), tmp_path / "run", data=data, progress=False
    )
    assert len(history) == 4


def test_too_few_validation_images_are_refused(small):
    experiment, _ = small
    few = prepare(replace(experiment.data, source="phantom:fundus:6"), 0)
    with pytest.raises(InputError, match="validation images; to validate needs 20 or more"):
        check(replace(experiment, batch_size=4), few)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"patience": 3}, "stopping early needs validation"),
        ({"every": -1}, "every of the validation is -1"),
        ({"every": 1, "images": 5}, "images of the validation is 5; at least 20"),
    ],
)
def test_impossible_validation_is_refused(fields, message):
    with pytest.raises(InputError, match=message):
        ValidationConfig(**fields)


def diversity(*fakes, first_step=100):
    return [
        {"epoch": i + 1, "step": first_step + i, "ms_ssim_fake": fake, "ms_ssim_real": 0.4}
        for i, fake in enumerate(fakes)
    ]


def test_collapse_is_three_checks_in_a_row_after_samples_have_differed():
    """Reals at 0.4 are 0.6 from 1: samples above 0.8 are alike, below 0.76 they differ."""
    assert collapsed(diversity(0.95, 0.9, 0.85, 0.85)) is None  # not learned yet
    assert collapsed(diversity(0.5, 0.9, 0.9, 0.5, 0.9, 0.9)) is None
    assert collapsed(diversity(0.5, 0.78, 0.79, 0.79)) is None
    assert collapsed(diversity(0.5, 0.9, 0.9, 0.9)) == 2
    assert collapsed(diversity(0.95, 0.95, 0.95, first_step=1000)) == 1
    assert collapsed(diversity(0.5, 0.9, 0.9, 0.9, 0.5, 0.5)) == 2
    assert collapsed(diversity(0.5, 0.9, 0.9, 0.9, 0.5, 0.5, 0.5)) is None  # they differ again
    assert collapsed(diversity(0.5, *[0.9] * 3, *[0.5] * 3, *[0.9] * 3)) == 8
    assert "from epoch 2" in training_alarms([], diversity(0.5, 0.9, 0.9, 0.9))["mode collapse"]


def test_samples_that_are_alike_for_a_while_raise_no_alarm():
    """1 − MS-SSIM of reals over that of samples, of dcgan64 on 624 X-rays: it recovered."""
    ratios = (2.8, 1.7, 4.1, 3.8, 2.1, 1.4, 1.0)
    assert collapsed(diversity(*(1 - 0.6 / ratio for ratio in ratios))) is None


def test_exploding_loss_is_of_three_epochs_and_not_for_wasserstein():
    rows = [{"epoch": i, "g_loss": 30.0, "d_real": 0.5, "d_fake_before": 0.5} for i in (1, 2, 3)]
    assert "from epoch 1" in training_alarms(rows)["exploding loss"]
    assert training_alarms(rows[:2]) == {}
    assert training_alarms([{"epoch": i, "g_loss": 30.0} for i in (1, 2, 3)]) == {}


def faster(adam, factor):
    return replace(adam, learning_rate=adam.learning_rate * factor)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dcgan", "cgan"])
def test_fifty_times_the_learning_rate_raises_an_alarm_and_a_healthy_run_none(name, tmp_path):
    base = ARCHITECTURES[name]
    config = replace(base.data, source="phantom:fundus:100")
    data = prepare(config, 0)
    for factor in (1, 50):
        experiment = replace(
            base,
            data=config,
            batch_size=16,
            epochs=5,
            generator_optimizer=faster(base.generator_optimizer, factor),
            discriminator_optimizer=faster(base.discriminator_optimizer, factor),
        )
        train(experiment, tmp_path / str(factor), data=data, progress=False)
        summary = json.loads((tmp_path / str(factor) / "summary.json").read_text())
        assert bool(summary["alarms"]) == (factor == 50), summary


def test_diversity_is_of_samples_and_of_reals_of_one_class(small, tmp_path):
    experiment, data = small
    once = replace(experiment, epochs=1, validation=ValidationConfig())
    train(once, tmp_path / "run", data=data, progress=False)
    (row,) = read_rows(tmp_path / "run" / "diversity.csv")
    assert 0 < row["ms_ssim_real"] < 0.95
    generator = sampling.load_generator(tmp_path / "run" / "generator.keras")
    classes = np.arange(64) % 32 % 5  # the two of a pair are of one class
    first, second = np.split(sampling.sample(generator, 64, once.seed, classes), 2)
    assert row["ms_ssim_fake"] == pytest.approx(float(ms_ssim(first, second).mean()), abs=1e-6)
    part = data.parts["train"]
    same = replace(part, images=np.repeat(part.images[:1], len(part), axis=0))
    assert similarity_of_reals(same, 0, False) == pytest.approx(1.0, abs=1e-5)


def test_a_generator_without_classes_is_held_against_pairs_of_any(small):
    """Else one class alone would look as varied as the reals."""
    part = small[1].parts["train"]
    plain = np.where(part.labels > 1, 0, 255).astype(np.uint8)
    two = replace(part, images=np.broadcast_to(plain[:, None, None, None], part.images.shape))
    assert similarity_of_reals(two, 0, True) == pytest.approx(1.0, abs=1e-5)
    assert similarity_of_reals(two, 0, False) < 0.8


def test_validation_sees_all_classes(small, quick_features, tmp_path):
    experiment, data = small
    part = data.parts["validation"]
    config = replace(experiment.validation, images=20)
    run = RunDirectory(tmp_path)
    chosen = Validation(config, run, CheckpointStore(tmp_path), data, experiment.seed)
    assert set(chosen.labels) == set(part.labels) and len(chosen.labels) == 20 < len(part)
