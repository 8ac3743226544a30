"""What is said of a training that goes on: its epoch, the time left, its metrics, alarms."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from tfmedgan.training import progress
from tfmedgan.training.progress import ProgressBar


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved: seconds."""
    time = SimpleNamespace(now=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: time.now)
    return time


def bar(first_step: int = 0, terminal: bool = False) -> tuple[ProgressBar, io.StringIO]:
    """Of 10 epochs with 4 steps each."""
    alarms = SimpleNamespace(raised={"collapse": "…"}, new={})
    watcher, text = ProgressBar(10, 4, first_step, alarms), io.StringIO()
    watcher.console = Console(file=text, force_terminal=terminal, width=80, highlight=False)
    watcher.on_train_begin()
    watcher.on_epoch_begin(first_step // 4)
    return watcher, text


def steps(watcher: ProgressBar, clock, *seconds: float) -> None:
    for taken in seconds:
        clock.now += taken
        watcher.on_train_batch_end(0, {"d_loss": 0.5})


def test_the_first_step_builds_the_graph_and_counts_for_nothing(clock):
    watcher, text = bar()
    steps(watcher, clock, 60)
    assert text.getvalue() == "epoch 1/10  d_loss 0.500  ALARM: collapse\n"
    steps(watcher, clock, 10, 10)
    assert text.getvalue().splitlines()[1].startswith("epoch 1/10  6 min 10 s left  d_loss 0.500")


def test_a_resumed_training_counts_from_where_it_was(clock):
    watcher, text = bar(first_step=20)
    steps(watcher, clock, 60, 16)
    assert text.getvalue().splitlines()[1].startswith("epoch 6/10  4 min 48 s left")


def test_a_terminal_shows_the_same_in_one_line(clock):
    watcher, text = bar(terminal=True)
    steps(watcher, clock, 60, 10, 10)
    watcher.bar.refresh()
    watcher.close()
    assert "0/10" in text.getvalue()
    assert "6 min 10 s left  d_loss 0.500" in text.getvalue()
