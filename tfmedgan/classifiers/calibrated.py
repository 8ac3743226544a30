"""A trained network with its temperature, as one Keras model that gives probabilities."""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from tfmedgan.classifiers.calibration import expected_calibration_error, fit_temperature
from tfmedgan.classifiers.scores import scores
from tfmedgan.classifiers.softmax import negative_log_likelihood, softmax
from tfmedgan.data.records import ImageArrays
from tfmedgan.supervised.predictor import Predictor


@dataclass(frozen=True)
class Calibrated:
    """A network and its temperature."""

    network: keras.Model  # images in [0, 255] → logits
    predict: Predictor  # of the network
    temperature: float
    facts: dict  # what calibration did on the images that it was made with

    @property
    def model(self) -> keras.Model:
        """Images, float32 (n, height, width, channels) in [0, 255] → probabilities (n, classes)."""
        logits = self.network.outputs[0]
        scaled = layers.Rescaling(1 / self.temperature, name="temperature")(logits)
        probabilities = layers.Softmax(name="probabilities")(scaled)
        return keras.Model(self.network.inputs, probabilities, name=self.network.name)

    def probabilities(self, images: np.ndarray, calibrated: bool = True) -> np.ndarray:
        """Probabilities, float64 (n, classes), of uint8 images."""
        return softmax(self.predict(images), self.temperature if calibrated else 1.0)


def calibrate(network: keras.Model, validation: ImageArrays) -> Calibrated:
    """The network with the temperature that suits the validation images best."""
    predict, labels = Predictor(network), validation.labels
    logits = predict(validation.images)
    temperature = fit_temperature(logits, labels)
    before, after = softmax(logits), softmax(logits, temperature)
    facts = {
        "temperature": temperature,
        "calibrated_on": len(labels),
        "validation": {
            "ece_before": expected_calibration_error(labels, before),
            "ece_after": expected_calibration_error(labels, after),
            "nll_before": negative_log_likelihood(logits, labels),
            "nll_after": negative_log_likelihood(logits, labels, temperature),
            "brier_before": scores(labels, before)["brier"],
            "brier_after": scores(labels, after)["brier"],
        },
    }
    return Calibrated(network, predict, temperature, facts)
