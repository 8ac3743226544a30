"""Progress on stderr: a bar on a terminal, a line now and then elsewhere."""

import time

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

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
        self.started = self.spoken = time.monotonic()
        self.bar: Progress | None = None

    def on_train_begin(self, logs=None):
        if not self.console.is_terminal or self.bar:
            return
        columns = (
            TextColumn(self.unit),
            MofNCompleteColumn(),
            BarColumn(bar_width=20),
            TimeRemainingColumn(compact=True),
            TextColumn("left  {task.fields[metrics]}"),
        )
        self.bar = Progress(*columns, console=self.console, speed_estimate_period=120)
        done = self.first // self.steps_per_epoch
        self.task = self.bar.add_task("", total=self.epochs, completed=done, metrics="")
        self.bar.start()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        values = "  ".join(f"{name} {float(value):.3f}" for name, value in logs.items())
        metrics = values + "".join(f"  ALARM: {name}" for name in self.alarms.raised)
        if self.bar:
            epochs = self.step // self.steps_per_epoch
            self.bar.update(self.task, completed=epochs, metrics=metrics)
        elif time.monotonic() - self.spoken > LINE_EVERY:
            self.spoken = time.monotonic()
            pace = (time.monotonic() - self.started) / (self.step - self.first)
            seconds = pace * (self.epochs * self.steps_per_epoch - self.step)
            left = f"{durations.in_words(seconds)} left"
            self.console.print(
                f"{self.unit} {self.epoch}/{self.epochs}  {left}  {metrics}", soft_wrap=True
            )

    def on_epoch_end(self, epoch, logs=None):
        for sentence in self.alarms.new.values():
            self.console.print(f"ALARM: {sentence}", soft_wrap=True)

    def close(self):
        if self.bar:
            self.bar.stop()
