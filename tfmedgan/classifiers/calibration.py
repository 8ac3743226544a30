"""Calibration: temperature scaling (Guo et al. 2017), expected calibration error, reliability."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from tfmedgan.classifiers.softmax import negative_log_likelihood

BINS = 15  # of equal width, as in Guo et al. 2017
LIMITS = (0.05, 20.0)  # of the temperature


@dataclass(frozen=True)
class Bin:
    """Predictions whose confidence lies in one interval."""

    low: float
    high: float
    count: int
    confidence: float  # mean; the middle of an empty bin
    accuracy: float  # NaN of an empty bin


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, in [0.05, 20], with the least negative log-likelihood.

    Args:
        logits: (n, classes) of images that the network was not trained on.
        labels: (n,).
    """

    def loss(log_temperature: float) -> float:
        return negative_log_likelihood(logits, labels, np.exp(log_temperature))

    minimum = minimize_scalar(loss, bounds=np.log(LIMITS), method="bounded")
    return float(np.exp(minimum.x))


def reliability(labels: np.ndarray, probabilities: np.ndarray) -> tuple[Bin, ...]:
    """Accuracy and mean confidence of the predicted class, by confidence."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, BINS + 1)
    place = np.clip(np.digitize(confidence, edges[1:-1], right=True), 0, BINS - 1)
    return tuple(_bin(edges[i], edges[i + 1], place == i, confidence, correct) for i in range(BINS))


def _bin(low, high, members, confidence, correct) -> Bin:
    if not members.any():
        return Bin(float(low), float(high), 0, float(low + high) / 2, float("nan"))
    means = float(confidence[members].mean()), float(correct[members].mean())
    return Bin(float(low), float(high), int(members.sum()), *means)


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean |accuracy − confidence| over the bins, weighted by their counts (Naeini et al. 2015)."""
    filled = [b for b in reliability(labels, probabilities) if b.count]
    return float(sum(b.count * abs(b.accuracy - b.confidence) for b in filled) / len(labels))
