"""Fitting a classifier: the cross-entropy, weighted by class, and how an epoch is validated."""

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.classifiers.config import ClassifierExperiment
from tfmedgan.classifiers.softmax import negative_log_likelihood, softmax
from tfmedgan.data.records import ImageArrays
from tfmedgan.supervised.fitting import Course, Epoch, compile_network
from tfmedgan.supervised.predictor import Predictor


def course(
    network: keras.Model,
    experiment: ClassifierExperiment,
    train: ImageArrays,
    validation: ImageArrays,
) -> Course:
    """Compile the network, and say what its epochs consist of."""
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    compile_network(network, experiment, cross_entropy)
    predict = Predictor(network)
    weights = class_weights(train, experiment.network.n_classes, experiment.class_weights)
    return Course(
        experiment,
        train,
        lambda images, labels: (images, labels, tf.gather(weights, labels)),
        lambda: _validated(predict, validation),
    )


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


def _validated(predict: Predictor, validation: ImageArrays) -> Epoch:
    logits = predict(validation.images)
    correct = softmax(logits).argmax(axis=1) == validation.labels
    return {
        "val_loss": negative_log_likelihood(logits, validation.labels),
        "val_accuracy": float(correct.mean()),
    }
