"""Fitting the last layer of a frozen network by logistic regression instead of by steps."""

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tfmedgan.classifiers.config import ClassifierExperiment, RegressionConfig
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import require
from tfmedgan.supervised.predictor import Predictor


def fit_last_layer(
    network: keras.Model, experiment: ClassifierExperiment, train: ImageArrays
) -> None:
    """Standardise the layer "features", fit scikit-learn's logistic regression, fill "logits".

    The standardisation is folded into the weights, so that the network is plain Keras.

    Raises:
        InputError: when a class has no training images.
    """
    settings = experiment.network
    assert isinstance(settings, RegressionConfig)  # or the network is trained by steps
    n_classes = settings.n_classes
    present = len(np.unique(train.labels))
    require(
        present == n_classes,
        f"{experiment.data.source}: only {present} of {n_classes} classes have training images",
    )
    features = keras.Model(network.inputs, network.get_layer("features").output)
    scaler = StandardScaler()
    scaled = scaler.fit_transform(Predictor(features)(train.images).astype(np.float64))
    regression = LogisticRegression(
        C=settings.inverse_penalty,
        class_weight="balanced" if experiment.class_weights else None,
        max_iter=2000,
    )
    regression.fit(scaled, train.labels)
    kernel, bias = regression.coef_.T, regression.intercept_
    if n_classes == 2:  # scikit-learn has one logit for two classes
        kernel = np.hstack([np.zeros_like(kernel), kernel])
        bias = np.array([0.0, bias[0]])
    kernel = kernel / scaler.scale_[:, np.newaxis]
    bias = bias - scaler.mean_ @ kernel
    network.get_layer("logits").set_weights([kernel.astype("float32"), bias.astype("float32")])
