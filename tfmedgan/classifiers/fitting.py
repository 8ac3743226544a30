"""Training a network on arrays: class weights, early stopping, the best epoch, exact resume."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.predictor import Predictor
from tfmedgan.classifiers.progress import EpochProgress
from tfmedgan.classifiers.softmax import negative_log_likelihood, softmax
from tfmedgan.data.pipeline import stream
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import JobError
from tfmedgan.models import optimizers
from tfmedgan.training.checkpoints import CheckpointStore, Position

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


def compile_network(network: keras.Model, experiment: ClassifierExperiment) -> None:
    """Adam and the cross-entropy of logits, with the optimizer's slots made."""
    optimizer = optimizers.build(experiment.optimizer)
    network.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    optimizer.build(network.trainable_variables)


def fit(
    network: keras.Model,
    experiment: ClassifierExperiment,
    train: ImageArrays,
    validation: ImageArrays,
    store: CheckpointStore,
    history: list[Epoch],
    record: Callable[[Epoch], None],
    show: EpochProgress | None = None,
) -> None:
    """Train a compiled network from where `store` and `history` are; it ends at its best epoch.

    Args:
        history: epochs so far, each with "val_loss"; new ones are appended.
        record: called with each new epoch before its checkpoint is written.

    Raises:
        JobError: when the loss is no longer finite.
    """
    state = TrainingState(network)
    store.restore(state)
    per_epoch = steps_per_epoch(experiment, train)
    watch = Watch(experiment, per_epoch, validation, store, history, record, show)
    if not finished(experiment, history):
        network.fit(
            _weighted(experiment, train, len(history) * per_epoch),
            initial_epoch=len(history), epochs=experiment.epochs, steps_per_epoch=per_epoch,
            callbacks=[watch], verbose=0, shuffle=False,
        )  # fmt: skip
    store.restore_best(state)


class Watch(keras.callbacks.Callback):
    """After each epoch: validate, write it down, keep checkpoints, and stop in time."""

    def __init__(
        self, experiment: ClassifierExperiment, per_epoch: int, validation: ImageArrays,
        store: CheckpointStore, history: list[Epoch], record: Callable[[Epoch], None],
        show: EpochProgress | None,
    ):  # fmt: skip
        super().__init__()
        self.experiment, self.per_epoch, self.validation = experiment, per_epoch, validation
        self.store, self.history, self.record, self.show = store, history, record, show

    def on_train_begin(self, logs=None):
        self.predict = Predictor(self.model)

    def on_epoch_end(self, epoch, logs=None):
        result: Epoch = {"epoch": epoch + 1, "loss": float(logs["loss"])}
        result |= _validated(self.predict, self.validation)
        if not all(np.isfinite(list(result.values()))):
            raise JobError(f"the loss is no longer finite in epoch {epoch + 1}; lower the rate")
        self.history.append(result)
        position = Position(epoch + 1, (epoch + 1) * self.per_epoch)
        state = TrainingState(self.model)
        if best_epoch(self.history) == epoch + 1:
            self.store.save_best(position, state)
        self.record(result)
        self.store.save(position, state)
        if self.show:
            self.show(result)
        self.model.stop_training = finished(self.experiment, self.history)


def finished(experiment: ClassifierExperiment, history: list[Epoch]) -> bool:
    """Whether all epochs are done, or the validation loss has not improved for too many."""
    waited = len(history) - best_epoch(history)
    impatient = experiment.patience and waited >= experiment.patience
    return len(history) >= experiment.epochs or bool(impatient)


def best_epoch(history: list[Epoch]) -> int:
    """Number of the epoch with the least validation loss; 0 before the first."""
    losses = [epoch["val_loss"] for epoch in history]
    return int(np.argmin(losses)) + 1 if losses else 0


def steps_per_epoch(experiment: ClassifierExperiment, train: ImageArrays) -> int:
    if experiment.updates_per_epoch:
        return experiment.updates_per_epoch
    drawn = len(train) if train.draws is None else len(train.draws)
    return -(-drawn // experiment.batch_size)


def class_weights(train: ImageArrays, n_classes: int, wanted: bool) -> np.ndarray:
    """Weight of each class in the loss, float32 (n_classes,): n / (classes · n of the class).

    Counts are those of the draws, so that oversampled classes are not weighted once more.
    """
    labels = train.labels if train.draws is None else train.labels[train.draws]
    counts = np.bincount(labels, minlength=n_classes)
    if not wanted or train.uniform:
        return np.ones(n_classes, np.float32)
    present = np.maximum(counts, 1)
    return (len(labels) / (np.count_nonzero(counts) * present)).astype(np.float32)


def _weighted(
    experiment: ClassifierExperiment, train: ImageArrays, first_step: int
) -> tf.data.Dataset:
    """Endless batches of images, labels and weights."""
    weights = class_weights(train, experiment.network.n_classes, experiment.class_weights)
    start = first_step * experiment.batch_size
    batches = stream(train, experiment.data.steps, experiment.batch_size, experiment.seed, start)
    return batches.map(lambda images, labels: (images, labels, tf.gather(weights, labels)))


def _validated(predict: Predictor, validation: ImageArrays) -> Epoch:
    logits = predict(validation.images)
    correct = softmax(logits).argmax(axis=1) == validation.labels
    return {
        "val_loss": negative_log_likelihood(logits, validation.labels),
        "val_accuracy": float(correct.mean()),
    }
