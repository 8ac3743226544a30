"""Intervals of scores by resampling the test images, within each class."""

import numpy as np

from tfmedgan.classifiers.scores import scores

REPLICATES = 1000


def resamples(labels: np.ndarray, replicates: int, generator: np.random.Generator) -> np.ndarray:
    """Indices (replicates, n), drawn with replacement within each class."""
    drawn = np.empty((replicates, len(labels)), np.int64)
    start = 0
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        shape = (replicates, len(members))
        drawn[:, start : start + len(members)] = generator.choice(members, shape)
        start += len(members)
    return drawn


def score_samples(
    labels: np.ndarray, probabilities: np.ndarray, drawn: np.ndarray
) -> dict[str, np.ndarray]:
    """Each score on each resample, (replicates,)."""
    each = [scores(labels[rows], probabilities[rows]) for rows in drawn]
    return {name: np.array([values[name] for values in each]) for name in each[0]}
