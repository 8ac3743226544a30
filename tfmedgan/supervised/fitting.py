"""Fitting a network to labels or masks: early stopping, the best epoch, exact resume."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.data.pipeline import stream
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import JobError
from tfmedgan.models import optimizers
from tfmedgan.run_directory import TrainingDirectory
from tfmedgan.run_logs import append_row
from tfmedgan.supervised.experiment import SupervisedExperiment
from tfmedgan.supervised.progress import EpochProgress
from tfmedgan.training.checkpoints import CheckpointStore, Position
from tfmedgan.training.continuing import require_whole

Epoch = dict[str, float]


@dataclass
class TrainingState:
    """What a `CheckpointStore` saves of a network in training."""

    network: keras.Model
    metrics_variables = ()  # checkpoints are made between epochs, when there are no means

    @property
    def state(self) -> list:
        means = {id(variable) for variable in self.network.metrics_variables}
        own = [v for v in self.network.variables if id(v) not in means]
        return [*own, *self.network.optimizer.variables]


@dataclass(frozen=True)
class Course:
    """What an experiment does in an epoch: its batches, and how it is validated."""

    experiment: SupervisedExperiment
    train: ImageArrays
    targets: Callable  # (images, labels) of a batch → what the compiled network is fitted to
    validate: Callable[[], Epoch]  # figures of the network as it is, among them "val_loss"

    @property
    def steps_per_epoch(self) -> int:
        if self.experiment.updates_per_epoch:
            return self.experiment.updates_per_epoch
        drawn = len(self.train) if self.train.draws is None else len(self.train.draws)
        return -(-drawn // self.experiment.batch_size)

    def batches(self, first_step: int) -> tf.data.Dataset:
        """Endless batches of images in [0, 255] and targets, from after so many steps on."""
        experiment, size = self.experiment, self.experiment.batch_size
        pairs = stream(self.train, experiment.data.steps, size, experiment.seed, first_step * size)
        return pairs.map(self.targets)


def compile_network(network: keras.Model, experiment: SupervisedExperiment, loss) -> None:
    """Adam and a loss, with the optimizer's slots made."""
    optimizer = optimizers.build(experiment.optimizer)
    network.compile(optimizer, loss)
    optimizer.build(network.trainable_variables)


def fit(
    network: keras.Model, course: Course, run: TrainingDirectory, progress: bool = False
) -> None:
    """Train a compiled network from where `run` is; it ends at its best epoch.

    Args:
        run: keeps the checkpoints and metrics.csv, so that the same call goes on after a kill.
        progress: tell on stderr how it goes.

    Raises:
        InputError: when the run has lost its checkpoints or its log.
        JobError: when the loss is no longer finite.
    """
    require_whole(run)
    state, store = TrainingState(network), CheckpointStore(run.checkpoints)
    position, experiment = store.restore(state), course.experiment
    run.rewind(position.epoch, position.step)
    history = run.history()
    show = EpochProgress(len(history), experiment.epochs) if progress else None
    if not finished(experiment, history):
        network.fit(
            course.batches(len(history) * course.steps_per_epoch), initial_epoch=len(history),
            epochs=experiment.epochs, steps_per_epoch=course.steps_per_epoch,
            callbacks=[Watch(course, store, run, history, show)], verbose=0, shuffle=False,
        )  # fmt: skip
    store.restore_best(state)


class Watch(keras.callbacks.Callback):
    """After each epoch: validate, write it down, keep checkpoints, and stop in time."""

    def __init__(
        self, course: Course, store: CheckpointStore, run: TrainingDirectory,
        history: list[Epoch], show: EpochProgress | None,
    ):  # fmt: skip
        super().__init__()
        self.course, self.store, self.run = course, store, run
        self.history, self.show = history, show

    def on_epoch_end(self, epoch, logs=None):
        result: Epoch = {"epoch": epoch + 1, "loss": float(logs["loss"])}
        result |= self.course.validate()
        if not all(np.isfinite(list(result.values()))):
            raise JobError(f"the loss is no longer finite in epoch {epoch + 1}; lower the rate")
        self.history.append(result)
        position = Position(epoch + 1, (epoch + 1) * self.course.steps_per_epoch)
        state = TrainingState(self.model)
        if best_epoch(self.history) == epoch + 1:
            self.store.save_best(position, state)
        append_row(self.run.metrics_csv, result)
        self.store.save(position, state)
        if self.show:
            self.show(result)
        self.model.stop_training = finished(self.course.experiment, self.history)


def finished(experiment: SupervisedExperiment, history: list[Epoch]) -> bool:
    """Whether all epochs are done, or the validation loss has not improved for too many."""
    waited = len(history) - best_epoch(history)
    impatient = experiment.patience and waited >= experiment.patience
    return len(history) >= experiment.epochs or bool(impatient)


def best_epoch(history: list[Epoch]) -> int:
    """Number of the epoch with the least validation loss; 0 before the first."""
    losses = [epoch["val_loss"] for epoch in history]
    return int(np.argmin(losses)) + 1 if losses else 0


def outcome(experiment: SupervisedExperiment, history: list[Epoch]) -> dict:
    """The first lines of summary.json: epochs, the best one, and why it ended early."""
    early = history and len(history) < experiment.epochs and finished(experiment, history)
    return {
        "epochs": len(history),
        "best_epoch": best_epoch(history),
        "stopped": "validation loss no longer improved" if early else None,
    }
