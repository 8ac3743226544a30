"""Inception Score (Salimans et al. 2016): exp of the mean divergence of p(y|x) from p(y)."""

import numpy as np
from scipy.special import rel_entr

from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample

SPLITS = 10


def inception_score(probabilities: np.ndarray) -> float:
    """exp(E_x KL(p(y|x) || p(y))) of class probabilities, (N, classes); in [1, classes]."""
    probabilities = np.asarray(probabilities, np.float64)
    marginal = probabilities.mean(axis=0, keepdims=True)
    return float(np.exp(rel_entr(probabilities, marginal).sum(axis=1).mean()))


def inception_score_splits(probabilities: np.ndarray, splits: int = SPLITS) -> np.ndarray:
    """The score of each of `splits` equal parts, (splits,), as in the paper."""
    return np.array([inception_score(part) for part in np.array_split(probabilities, splits)])


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    assert fake.probabilities is not None, "`measure` has asked for them"
    shuffled = fake.probabilities[rng.permutation(len(fake.probabilities))]
    values = inception_score_splits(shuffled)
    mean, error = values.mean(), values.std(ddof=1) / np.sqrt(SPLITS)
    low, high = max(1.0, mean - 2.262 * error), mean + 2.262 * error  # t, 9 degrees of freedom
    how = f"mean of {SPLITS} parts ± t · standard error"
    return [Estimate("inception_score", float(mean), float(low), float(high), how, CAVEAT)]


CAVEAT = "says little about images of one domain: the classes are not those of the images"

METRICS.add(
    "inception_score",
    Metric(
        gives=("inception_score",),
        needs="probabilities",
        measure=_measure,
        minimum=10 * SPLITS,
        rank=5,
        bounds=(1 - 1e-9, np.inf),
        better="higher",
        default="never",
        caveat=CAVEAT,
        titles={"inception_score": "Inception Score"},
    ),
)
