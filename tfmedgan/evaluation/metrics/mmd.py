"""MMD² with a Gaussian kernel on features of unit length; on CLIP's, CMMD (Jayasumana 2024)."""

import numpy as np

from tfmedgan.evaluation.intervals import delete_d_interval
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample

SIGMA = 10.0
SCALE = 1000.0
HALVES = 10  # random halves, for the interval
BLOCK_ROWS = 1024


def mmd(real: np.ndarray, fake: np.ndarray) -> float:
    """1000·(k̄xx + k̄yy − 2 k̄xy) of two sets of features, (N, d) and (M, d).

    k(x, y) = exp(−|x − y|² / (2·10²)) of features scaled to unit length; the biased estimator,
    whose means include each image with itself: above zero for finite sets that are alike.
    float64, in blocks.
    """
    real, fake = _unit(real), _unit(fake)
    return SCALE * (_mean(real, real) + _mean(fake, fake) - 2 * _mean(real, fake))


def _unit(features: np.ndarray) -> np.ndarray:
    features = np.asarray(features, np.float64)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.maximum(lengths, np.finfo(float).tiny)


def _mean(left: np.ndarray, right: np.ndarray) -> float:
    squares = np.einsum("ij,ij->i", right, right)
    total = 0.0
    for start in range(0, len(left), BLOCK_ROWS):
        block = left[start : start + BLOCK_ROWS]
        distances = np.einsum("ij,ij->i", block, block)[:, None] + squares - 2 * block @ right.T
        total += float(np.exp(distances / (-2 * SIGMA**2)).sum())
    return total / (len(left) * len(right))


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    value = mmd(real.features, fake.features)
    halves = np.array([
        mmd(_half(real.features, rng), _half(fake.features, rng)) for _ in range(HALVES)
    ])  # fmt: skip
    low, high = delete_d_interval(value, halves, 0.5)
    how = f"delete-half jackknife, {HALVES} random halves"
    return [Estimate("mmd", max(0.0, value), low, high, how)]


def _half(features: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return features[rng.permutation(len(features))[: len(features) // 2]]


METRICS.add(
    "mmd",
    Metric(
        gives=("mmd",),
        needs="features",
        measure=_measure,
        minimum=10,
        rank=2,
        bounds=(0.0, 4 * SCALE),
        default="never",
        caveat="is CMMD on the features of CLIP ViT-L/14@336 alone, and biased upwards, so that "
        "only values of equal numbers of images compare",
        titles={"mmd": "MMD"},
    ),
)
