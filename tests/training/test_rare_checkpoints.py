"""Where saving would take most of the time, epochs go without a checkpoint, and nothing is lost."""

import math

import numpy as np
import pytest

from tfmedgan.errors import Interrupted
from tfmedgan.training import RunDirectory, callbacks, resume, train
from tfmedgan.training.checkpoints import CheckpointStore, Position


class Slow(CheckpointStore):
    """Notes which positions were saved instead of writing them."""

    def __init__(self, clock):
        super().__init__("nowhere")
        self.positions, self.clock = [], clock

    def save(self, position, model):
        self.positions.append(position)
        self.clock.now += 2.0


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(callbacks, "time", clock)
    return clock


class Model:
    steps_done = 0


def after_epochs(clock, seconds: float, epochs: int, share: float, best: int = 0) -> list[int]:
    """Epochs with a checkpoint, each of which took two seconds, of epochs of so many seconds.

    Args:
        best: the epoch whose generator was the best.
    """
    checkpoints = callbacks.Checkpoints(Slow(clock), share)
    checkpoints.set_model(Model())
    for epoch in range(epochs):
        clock.now += seconds
        checkpoints.model.steps_done += 1
        if epoch + 1 == best:
            checkpoints.store.saved_best = Position(best, checkpoints.model.steps_done)
        checkpoints.on_epoch_end(epoch)
    checkpoints.on_train_end()
    return [position.epoch for position in checkpoints.store.positions]


def test_saving_takes_its_share_of_the_time(clock):
    assert after_epochs(clock, 1.0, 90, 0.05) == [1, 41, 81, 90]


def test_the_best_epoch_has_one(clock):
    assert after_epochs(clock, 1.0, 30, 0.05, best=7) == [1, 7, 30]


def test_long_epochs_have_a_checkpoint_each(clock):
    assert after_epochs(clock, 40.0, 3, 0.05) == [1, 2, 3]


def test_by_default_every_epoch_has_one(clock):
    assert after_epochs(clock, 0.001, 3, math.inf) == [1, 2, 3]


@pytest.fixture
def rare(monkeypatch):
    """As if the first checkpoint had taken so long that no other is due before the end."""
    monkeypatch.setattr(callbacks, "QUICK", 0.0)
    monkeypatch.setattr("tfmedgan.training.loop.cb.SHARE_OF_SAVING", 1e-9)


def saved(path) -> list[str]:
    return [file.name for file in RunDirectory.open(path).checkpoints.glob("step-*.npz")]


def state(path) -> dict[str, np.ndarray]:
    with np.load(sorted(RunDirectory.open(path).checkpoints.glob("step-*.npz"))[-1]) as file:
        return {name: file[name] for name in file.files}


def test_a_run_killed_between_them_goes_on_as_if_it_had_not_been(
    rare, experiment, data, tmp_path, monkeypatch
):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    train(experiment, whole, data=data, progress=False)
    last = Position(experiment.epochs, RunDirectory.open(whole).summary["steps"])
    assert len(saved(whole)) == 2, "after the first epoch and after the last"

    def killed_in_the_last_epoch(self, epoch, logs=None):
        if epoch + 1 == last.epoch:
            raise SystemExit(9)

    with monkeypatch.context() as patched:
        patched.setattr(callbacks.MetricsLogger, "on_epoch_begin", killed_in_the_last_epoch)
        with pytest.raises(SystemExit):
            train(experiment, killed, data=data, progress=False)
    assert CheckpointStore(killed / "checkpoints").last().epoch == 1
    resume(killed, data=data, progress=False)
    assert CheckpointStore(killed / "checkpoints").last() == last
    first, second = state(whole), state(killed)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert (whole / "metrics.csv").read_text() == (killed / "metrics.csv").read_text()


def test_ctrl_c_after_an_epoch_without_one_saves_it(rare, experiment, data, tmp_path, monkeypatch):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    train(experiment, whole, data=data, progress=False)
    original = callbacks.StopOnRequest.on_epoch_end

    def asked(self, epoch, logs=None):
        self.requested = epoch == 1
        original(self, epoch, logs)

    with monkeypatch.context() as patched:
        patched.setattr(callbacks.StopOnRequest, "on_epoch_end", asked)
        with pytest.raises(Interrupted, match="everything is saved"):
            train(experiment, stopped, data=data, progress=False)
    assert CheckpointStore(stopped / "checkpoints").last().epoch == 2
    resume(stopped, data=data, progress=False)
    first, second = state(whole), state(stopped)
    assert all(np.array_equal(first[name], second[name]) for name in first)
