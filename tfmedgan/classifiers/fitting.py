"""Training a network on arrays: class weights, early stopping, the best epoch, exact resume."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.progress import EpochProgress
from tfmedgan.classifiers.softmax import negative_log_likelihood, softmax
from tfmedgan.data.pipeline import stream
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import JobError
from tfmedgan.models import optimizers
from tfmedgan.training.checkpoints import CheckpointStore, Position

BATCH = 64  # for predictions
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
    weights = class_weights(train, experiment.network.n_classes, experiment.class_weights)
    while not finished(experiment, history):
        done = len(history)
        batches = _weighted(experiment, train, weights, done * per_epoch)
        fitted = network.fit(batches, steps_per_epoch=per_epoch, verbose=0, shuffle=False)
        epoch = {"epoch": done + 1, "loss": fitted.history["loss"][0]}
        epoch |= _validated(network, validation)
        if not all(np.isfinite(list(epoch.values()))):
            raise JobError(f"the loss is no longer finite in epoch {done + 1}; lower the rate")
        history.append(epoch)
        position = Position(done + 1, (done + 1) * per_epoch)
        if best_epoch(history) == done + 1:
            store.save_best(position, state)
        record(epoch)
        store.save(position, state)
        if show:
            show(epoch)
    store.restore_best(state)


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


def predict(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """Outputs, float32 (n, classes), for uint8 images (n, height, width, channels)."""
    parts = [
        np.asarray(network.predict_on_batch(images[start : start + BATCH].astype(np.float32)))
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(parts)


def _weighted(experiment, train: ImageArrays, weights, first_step: int) -> tf.data.Dataset:
    start = first_step * experiment.batch_size
    batches = stream(train, experiment.data.steps, experiment.batch_size, experiment.seed, start)
    return batches.map(lambda images, labels: (images, labels, tf.gather(weights, labels)))


def _validated(network: keras.Model, validation: ImageArrays) -> Epoch:
    logits = predict(network, validation.images)
    correct = softmax(logits).argmax(axis=1) == validation.labels
    return {
        "val_loss": negative_log_likelihood(logits, validation.labels),
        "val_accuracy": float(correct.mean()),
    }
