"""Progress on stderr: a bar on a terminal, a line now and then elsewhere."""

import time

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tfmedgan import durations
from tfmedgan.training.alarms import Alarms

LINE_EVERY = 15.0  # seconds


class ProgressBar(keras.callbacks.Callback):
    """Epochs done, the epoch's metrics so far, the time left, and alarms."""

    def __init__(
        self,
        epochs: int,
        steps_per_epoch: int,
        first_step: int,
        alarms: Alarms,
        unit: str = "epoch",
    ):
        super().__init__()
        self.alarms, self.unit = alarms, unit
        self.epochs, self.steps_per_epoch = epochs, steps_per_epoch
        self.first = self.step = first_step
        self.console = Console(stderr=True, highlight=False)
        self.spoken = self.paced_from = time.monotonic()
        self.bar: Progress | None = None

    def on_train_begin(self, logs=None):
        if not self.console.is_terminal or self.bar:
            return
        columns = (
            TextColumn(self.unit),
            MofNCompleteColumn(),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[news]}"),
        )
        self.bar = Progress(*columns, console=self.console)
        done = self.first // self.steps_per_epoch
        self.task = self.bar.add_task("", total=self.epochs, completed=done, news="")
        self.bar.start()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        if self.step == self.first + 1:  # builds the graph and says nothing of the pace
            self.paced_from = time.monotonic()
        values = (f"{name} {float(value):.3f}" for name, value in logs.items())
        alarms = (f"ALARM: {name}" for name in self.alarms.raised)
        news = "  ".join([*self.time_left(), *values, *alarms])
        if self.bar:
            self.bar.update(self.task, completed=self.step // self.steps_per_epoch, news=news)
        elif time.monotonic() - self.spoken > LINE_EVERY:
            self.spoken = time.monotonic()
            self.console.print(f"{self.unit} {self.epoch}/{self.epochs}  {news}", soft_wrap=True)

    def time_left(self) -> list[str]:
        """By the mean pace since the first step; nothing before the second."""
        done = self.step - self.first - 1
        if not done:
            return []
        pace = (time.monotonic() - self.paced_from) / done
        remaining = self.epochs * self.steps_per_epoch - self.step
        return [f"{durations.in_words(pace * remaining)} left"]

    def on_epoch_end(self, epoch, logs=None):
        for sentence in self.alarms.new.values():
            self.console.print(f"ALARM: {sentence}", soft_wrap=True)

    def close(self):
        if self.bar:
            self.bar.stop()
