"""A resumed run equals an uninterrupted one, difference 0.0; the same seed repeats a run."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdaptiveAugment
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError, Interrupted, JobError
from tfmedgan.models.base import AdversarialModel
from tfmedgan.training import RunDirectory, resume, train
from tfmedgan.training.callbacks import StopOnRequest


def final_state(run) -> dict[str, np.ndarray]:
    with np.load(sorted((run / "checkpoints").glob("step-*.npz"))[-1]) as file:
        return {key: file[key] for key in file.files}


def assert_same_run(first, second):
    a, b = final_state(first), final_state(second)
    assert a.keys() == b.keys()
    for key in a:
        assert np.array_equal(a[key], b[key]), key
    for name in ("metrics.csv", "metrics.jsonl"):
        one, other = first / name, second / name
        assert one.exists() == other.exists()
        assert not one.exists() or one.read_text() == other.read_text()
    assert RunDirectory.open(first).history()


@pytest.fixture(scope="module")
def uninterrupted(experiment, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "uninterrupted"
    history = train(experiment, path, data=data, progress=False)
    assert [row["epoch"] for row in history] == [1, 2, 3]
    return path


def test_same_seed_twice_is_the_same_run(experiment, data, uninterrupted, tmp_path):
    train(experiment, tmp_path / "again", data=data, progress=False)
    assert_same_run(uninterrupted, tmp_path / "again")


def test_another_seed_is_another_run(experiment, data, uninterrupted, tmp_path):
    other = replace(experiment, seed=1)
    train(other, tmp_path / "other", data=data, progress=False)
    a, b = final_state(uninterrupted), final_state(tmp_path / "other")
    assert any((a[key] != b[key]).any() for key in a if key.startswith("state"))


@pytest.mark.parametrize("stop_at", [1, 3, 4])
def test_stopped_at_any_step_and_resumed(
    experiment, data, uninterrupted, tmp_path, monkeypatch, stop_at
):
    """Three steps an epoch for dcgan and cgan: stops inside and at the end of epochs."""

    def request(self, batch, logs=None):
        self.requested = int(self.model.generator_optimizer.iterations) == stop_at
        original(self, batch, logs)

    original = StopOnRequest.on_train_batch_end
    monkeypatch.setattr(StopOnRequest, "on_train_batch_end", request)
    run = tmp_path / "stopped"
    with pytest.raises(Interrupted, match=f"after step {stop_at}; .*--resume {run}"):
        train(experiment, run, data=data, progress=False)
    assert (run / "generator.keras").is_file()
    monkeypatch.undo()
    resume(run, data=data, progress=False)
    assert_same_run(uninterrupted, run)


def test_lost_epochs_are_repeated_and_their_rows_rewritten(
    experiment, data, uninterrupted, tmp_path
):
    run = tmp_path / "run"
    train(experiment, run, data=data, progress=False)
    for path in sorted((run / "checkpoints").glob("*.npz"))[1:]:
        path.unlink()
    with open(run / "metrics.csv", "a") as file:
        file.write("4,99,0.1")  # cut short by a power failure
    resume(run, data=data, progress=False)
    assert_same_run(uninterrupted, run)


def test_more_epochs_equal_a_longer_run(experiment, data, tmp_path):
    longer, extended = tmp_path / "longer", tmp_path / "extended"
    train(replace(experiment, epochs=2), longer, data=data, progress=False)
    train(replace(experiment, epochs=1), extended, data=data, progress=False)
    resume(extended, epochs=2, data=data, progress=False)
    assert_same_run(longer, extended)
    assert RunDirectory.open(extended).experiment.epochs == 2


@pytest.mark.slow
def test_stylegan2_with_adaptive_augmentation_goes_on_exactly(tmp_path):
    """Its p, its mean path length and the updates until the next penalties are kept, too."""
    base = ARCHITECTURES["stylegan2"]
    model = replace(
        base.model, image_shape=(32, 32, 3), channel_base=128, channel_max=16, latent_dim=8,
        r1_every=3, path_length_weight=2.0, path_length_every=2, epoch_images=32,
    )  # fmt: skip
    data = replace(base.data, source="phantom:fundus:12", steps=standard_steps((32, 32, 3)))
    augment = AdaptiveAugment(target=0.0, images=100, interval=1)  # so that p moves at once
    experiment = replace(
        base, model=model, data=data, batch_size=8, epochs=2, augment=augment, precision="float32",
    )  # fmt: skip
    images = prepare(data, 0)
    longer, extended = tmp_path / "longer", tmp_path / "extended"
    train(experiment, longer, data=images, progress=False)
    train(replace(experiment, epochs=1), extended, data=images, progress=False)
    resume(extended, epochs=2, data=images, progress=False)
    assert_same_run(longer, extended)
    assert [row["augment_p"] > 0 for row in RunDirectory.open(longer).history()] == [True, True]


def test_a_log_of_an_earlier_version_keeps_its_columns(experiment, data, tmp_path):
    """Runs with ADA of before its p was logged, for instance."""
    run = RunDirectory(tmp_path / "run")
    train(experiment, run.path, data=data, progress=False)
    lines = [line.rpartition(",")[0] for line in run.metrics_csv.read_text().splitlines()]
    run.metrics_csv.write_text("".join(f"{line}\n" for line in lines))
    done = experiment.epochs
    history = resume(run.path, epochs=done + 1, data=data, progress=False)
    assert len(history) == done + 1 and list(history[-1]) == lines[0].split(",")


def test_changed_images_are_refused(experiment, data, uninterrupted):
    with pytest.raises(InputError, match="the images have changed"):
        resume(uninterrupted, data=replace(data, digest="0" * 64), progress=False)


def test_a_run_that_another_process_trains_is_left_alone(experiment, data, tmp_path):
    path = tmp_path / "run"
    train(experiment, path, data=data, progress=False)
    before = (path / "config.json").read_text()
    holder = (
        "import sys; from tfmedgan.run_directory import RunDirectory\n"
        "with RunDirectory.open(sys.argv[1]).alone(): print(flush=True); input()"
    )
    command = [sys.executable, "-c", holder, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(InputError, match="another process is training this run"):
            resume(path, epochs=4, data=data, progress=False)
        assert (path / "config.json").read_text() == before
        other.communicate(b"\n")
    assert len(resume(path, epochs=4, data=data, progress=False)) == 4


def test_existing_directory_is_refused_and_untouched(experiment, data, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(InputError, match="exists already"):
        train(experiment, tmp_path, data=data, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_not_finite_stops_and_keeps_the_last_good_checkpoint(
    experiment, data, tmp_path, monkeypatch
):
    def spoiled(self, **values):
        late = self.generator_optimizer.iterations > 4
        values["g_loss"] += tf.where(late, float("nan"), 0.0)
        return update_metrics(self, **values)

    update_metrics = AdversarialModel.update_metrics
    monkeypatch.setattr(AdversarialModel, "update_metrics", spoiled)
    run = tmp_path / "run"
    with pytest.raises(JobError, match=r"g_loss became nan at epoch 2, step 5; .*step-00000003"):
        train(experiment, run, data=data, progress=False)
    assert len(RunDirectory.open(run).history()) == 1
    kept = final_state(run)
    assert all(np.isfinite(kept[key]).all() for key in kept if kept[key].dtype.kind == "f")


def test_generator_loads_without_the_run(uninterrupted, experiment):
    generator = keras.saving.load_model(uninterrupted / "generator.keras")
    assert generator.output_shape[1:] == experiment.model.image_shape


def test_environment_and_data_are_recorded(uninterrupted, data):
    environment = json.loads((uninterrupted / "environment.json").read_text())
    assert environment["keras"] == keras.__version__
    record = RunDirectory.open(uninterrupted).data
    assert record["digest"] == data.digest
    assert record["trained_on"] == record["split"]["train"] == list(data.parts["train"].names)
    parts = ("train", "validation", "test")
    assert sum(len(record["split"][part]) for part in parts) == 30


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tmp_path):
    """SIGKILL at any moment of a real process leaves a run that can be resumed to the same end."""
    words = "--arch cgan --data phantom:fundus:12 --batch-size 16 --epochs 12 --quiet"
    options = words.split()
    command = [sys.executable, "-c", "from tfmedgan.cli.train import main; main()"]
    calm, run = tmp_path / "calm", tmp_path / "killed"
    started = time.monotonic()
    subprocess.run([*command, *options, "--out", str(calm)], check=True, capture_output=True)
    duration = time.monotonic() - started
    whole = RunDirectory.open(calm).history()
    assert len(whole) == 12
    dice = random.Random(0)
    for _ in range(20):
        arguments = (
            ["--resume", str(run), "--quiet"] if run.exists() else [*options, "--out", str(run)]
        )
        process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL)
        time.sleep(dice.uniform(0.2, 1.0) * duration)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        history = RunDirectory.open(run).history() if run.exists() else []
        assert history == whole[: len(history)]
    subprocess.run([*command, "--resume", str(run), "--quiet"], check=True)
    assert_same_run(calm, run)


def test_a_run_without_its_checkpoints_is_refused_and_left_alone(
    experiment, data, uninterrupted, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(uninterrupted, run, ignore=shutil.ignore_patterns("step-*"))
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    for epochs in (None, experiment.epochs + 1):
        with pytest.raises(InputError, match="checkpoints: no checkpoint is left to go on from"):
            resume(run, epochs=epochs, data=data, progress=False)
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


def test_a_run_without_its_log_is_refused(data, uninterrupted, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(uninterrupted, run, ignore=shutil.ignore_patterns("metrics.csv"))
    with pytest.raises(InputError, match=r"metrics\.csv: has none of the 3 epochs"):
        resume(run, epochs=4, data=data, progress=False)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("metrics.csv", "a,b\n1,4\n", "columns are not those of a log"),
        ("metrics.csv", "epoch,step,d_loss\n1,,0.5\n", "is no whole log"),
        ("metrics.csv", "epoch,step,d_loss\n1,4,0.5,note\n", "is no whole log"),
        ("diversity.csv", b"\xff\xfe\x00", "is no whole log"),
        ("environment.json", '{"tfmedgan": "0.1', "is no whole JSON file"),
        ("data.json", "{}", "is no record of a run's images"),
        ("data.json", "[]", "is no record of a run's images"),
        ("environment.json", "[]", "is no record of a machine"),
        ("metrics.csv", "epoch,step,d_loss\n1,4,0.5\n1,8,0.5\n3,12,0.5\n", "are not 1 to 3"),
        ("metrics.jsonl", '{"step": "x"}\n', "its lines are not those of a log"),
    ],
)
def test_damaged_files_of_a_run_are_named(data, uninterrupted, tmp_path, name, content, said):
    run = tmp_path / "run"
    shutil.copytree(uninterrupted, run)
    (run / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=f"{name}: .*{said}"):
        resume(run, epochs=4, data=data, progress=False)
    assert (run / "summary.json").exists()


def test_a_summary_of_another_kind_is_named(uninterrupted, tmp_path):
    shutil.copytree(uninterrupted, tmp_path / "run")
    (tmp_path / "run" / "summary.json").write_text("5")
    with pytest.raises(InputError, match=r"summary\.json: does not say how a run ended"):
        RunDirectory.open(tmp_path / "run").is_finished(3)
