"""What happens around the training steps: logs, grids, checkpoints, and reasons to stop."""

import math
import signal
import threading
import time

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.data.masks import outlines
from tfmedgan.errors import Diverged, Interrupted
from tfmedgan.models import sampling
from tfmedgan.reporting.grids import grid, in_rows
from tfmedgan.run_directory import RunDirectory
from tfmedgan.run_logs import append_line, append_row, read_rows
from tfmedgan.synthetic_png import write_png
from tfmedgan.training.alarms import Alarms
from tfmedgan.training.checkpoints import CheckpointStore, Position

LOG_EVERY = 10  # steps
GRIDS_PER_RUN = 50
COLUMNS = 8  # of a grid
SHARE_OF_SAVING = 0.05  # of the time of a training
QUICK = 0.05  # seconds; a checkpoint that takes less is always written


class MetricsLogger(keras.callbacks.Callback):
    """metrics.csv, one row per epoch; metrics.jsonl, the epoch's means so far every few steps."""

    def __init__(self, run: RunDirectory):
        super().__init__()
        self.run = run

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        step = self.model.steps_done
        if step % LOG_EVERY == 0:
            row = {"epoch": self.epoch, "step": step, **self._ordered(logs)}
            append_line(self.run.metrics_jsonl, row)

    def on_epoch_end(self, epoch, logs=None):
        row = {"epoch": epoch + 1, "step": self.model.steps_done, **self._ordered(logs)}
        append_row(self.run.metrics_csv, row)

    def _ordered(self, logs) -> dict[str, float]:
        """Losses first, as the model names them; Keras sorts by the alphabet. ADA's p is last."""
        adaptive = getattr(self.model.augmentation, "p", None)
        p = {} if adaptive is None else {"augment_p": float(adaptive)}
        return {name: float(logs[name]) for name in self.model.metric_names} | p


class SampleGrids(keras.callbacks.Callback):
    """samples/epoch-0001.png …: the same latent vectors each time, a row per class.

    Of pairs the images, with the outlines of their masks.
    """

    def __init__(self, run: RunDirectory, class_names: tuple[str, ...], epochs: int, seed: int):
        super().__init__()
        self.run = run
        self.every = max(1, epochs // GRIDS_PER_RUN)
        self.epochs = epochs
        self.names = class_names
        self.seed = seed

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0 or (epoch + 1) % self.every == 0 or epoch + 1 == self.epochs:
            picture = sample_grid(self.model.sampler, self.seed, self.names)
            write_png(self.run.samples / f"epoch-{epoch + 1:04d}.png", picture, Epoch=epoch + 1)


def sample_grid(generator, seed: int, class_names: tuple[str, ...]) -> np.ndarray:
    """Grid of samples: with classes a row each, all rows from the same latent vectors."""
    if not sampling.is_conditional(generator):
        images = sampling.sample(generator, COLUMNS * COLUMNS, seed)
        return grid(in_rows(outlines(images), COLUMNS))
    rows = len(class_names)
    z = sampling.latent_vectors(COLUMNS, sampling.latent_dim(generator), seed)
    labels = np.repeat(np.arange(rows), COLUMNS)
    images = sampling.generate(generator, np.tile(z, (rows, 1)), labels)
    return grid(in_rows(outlines(images), COLUMNS), class_names)


class TensorBoardLog(keras.callbacks.Callback):
    """The epoch's metrics and the newest sample grid as TensorBoard summaries."""

    def __init__(self, run: RunDirectory, alarms: Alarms):
        super().__init__()
        self.run, self.alarms = run, alarms

    def _checks(self, epoch: int) -> dict[str, float]:
        """What was measured on samples after this epoch."""
        logs = (read_rows(path) for path in (self.run.diversity_csv, self.run.validation_csv))
        rows = [row for rows in logs for row in rows if row["epoch"] == epoch]
        return {k: v for row in rows for k, v in row.items() if k not in ("epoch", "step")}

    def on_train_begin(self, logs=None):
        self.writer = tf.summary.create_file_writer(str(self.run.tensorboard))

    def on_epoch_end(self, epoch, logs=None):
        step = self.model.steps_done
        with self.writer.as_default(step):
            for name, value in {**_plain(logs), **self._checks(epoch + 1)}.items():
                tf.summary.scalar(name, value)
            for name, sentence in self.alarms.new.items():
                tf.summary.text(f"alarm/{name}", sentence)
            path = self.run.samples / f"epoch-{epoch + 1:04d}.png"
            if path.exists():
                tf.summary.image("samples", tf.io.decode_png(path.read_bytes())[tf.newaxis])
        self.writer.flush()

    def on_train_end(self, logs=None):
        self.writer.close()


class Checkpoints(keras.callbacks.Callback):
    """An exact checkpoint after an epoch, and after the last one in any case.

    An epoch may be a few steps of a fast GPU, which would wait for the disk most of the time. So
    an epoch goes without a checkpoint where they would take more than their share of the time. The
    best epoch so far has one: a run that is killed must not go on from before its best generator.
    """

    def __init__(self, store: CheckpointStore, share: float = math.inf):
        """
        Args:
            share: of the time that saving may take; without one every epoch has a checkpoint.
        """
        super().__init__()
        self.store, self.share = store, share
        self.saved, self.took = -math.inf, 0.0  # when it was last saved, and how long it took
        self.unsaved: Position | None = None

    def on_epoch_end(self, epoch, logs=None):
        self.unsaved = Position(epoch + 1, self.model.steps_done)
        passed = time.monotonic() - self.saved
        due = self.took < QUICK or self.took <= self.share * passed
        if due or self.store.saved_best == self.unsaved:
            self._save(self.unsaved)

    def on_train_end(self, logs=None):
        if self.unsaved and self.unsaved.step == self.model.steps_done:
            self._save(self.unsaved)

    def _save(self, position: Position) -> None:
        begun = time.monotonic()
        self.store.save(position, self.model)
        self.saved, self.unsaved = time.monotonic(), None
        self.took = self.saved - begun


class RestoredMeans(keras.callbacks.Callback):
    """Go on with an epoch's running means after Keras has reset them at its begin."""

    def __init__(self, values: list):
        super().__init__()
        self.values = values

    def on_epoch_begin(self, epoch, logs=None):
        for variable, value in zip(self.model.metrics_variables, self.values, strict=True):
            variable.assign(value)


class StopWhenNotFinite(keras.callbacks.Callback):
    """End the run as soon as a metric is NaN or infinite, before anything is saved."""

    def __init__(self, store: CheckpointStore):
        super().__init__()
        self.store = store

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        for name, value in _plain(logs).items():
            if not math.isfinite(value):
                paths = self.store.paths()
                kept = f"the last good checkpoint is {paths[-1]}" if paths else "no checkpoint yet"
                where = f"epoch {self.epoch}, step {self.model.steps_done}"
                raise Diverged(f"{name} became {value} at {where}; stopped, {kept}")


class StopOnRequest(keras.callbacks.Callback):
    """Ctrl-C or a polite kill: finish the step, save, and say how to go on."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, run: RunDirectory, store: CheckpointStore, options: str = ""):
        """
        Args:
            options: what else the command that goes on has to be given.
        """
        super().__init__()
        self.run, self.store = run, store
        self.options = options
        self.requested = False

    def __enter__(self):
        self.former = {}
        if threading.current_thread() is threading.main_thread():
            self.former = {s: signal.signal(s, self._request) for s in self.SIGNALS}
        return self

    def __exit__(self, *_):
        for number, handler in self.former.items():
            signal.signal(number, handler)

    def _request(self, *_):
        self.requested = True

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.requested and batch + 1 < self.params["steps"]:
            self.store.save(Position(self.epoch, self.model.steps_done), self.model)
            self._stop()

    def on_epoch_end(self, epoch, logs=None):
        """After the last step of an epoch its logs and its checkpoint come first."""
        if self.requested and epoch + 1 < self.params["epochs"]:
            here = Position(epoch + 1, self.model.steps_done)
            if self.store.last() != here:
                self.store.save(here, self.model)
            self._stop()

    def _stop(self):
        raise Interrupted(
            f"stopped in epoch {self.epoch + 1}, after step {self.model.steps_done}; everything "
            f"is saved, go on with: {self.how_to_go_on}"
        )

    @property
    def how_to_go_on(self) -> str:
        return f"tfmedgan-train --resume {self.run.path} {self.options}".strip()


def _plain(logs) -> dict[str, float]:
    return {name: float(value) for name, value in (logs or {}).items()}
