"""Intervals of 95 %: what was resampled is part of every row."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95


@dataclass(frozen=True)
class Figure:
    """A number with its interval."""

    value: float
    low: float
    high: float


def delete_d_interval(
    value: float, replicates: np.ndarray, kept: float
) -> tuple[float | None, float | None]:
    """Interval of `value` from the same statistic on random subsets without replacement.

    Delete-d jackknife (Shao & Wu 1989): with a share `kept` of the images in each
    subset, the standard error is sd(replicates) * sqrt(kept / (1 - kept)). Subsets,
    and not a bootstrap: repeated images bias the covariance and the neighbours.
    """
    error = float(np.std(replicates, ddof=1)) * np.sqrt(kept / (1 - kept))
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(replicates) - 1)) * error
    return value - half, value + half


def bootstrap_means(
    columns: list[np.ndarray],
    rng: np.random.Generator,
    combine: Callable[..., np.ndarray] = lambda mean: mean,
    repeats: int = 1000,
) -> tuple[float, float]:
    """Percentile bootstrap of `combine(mean of each column)`; columns are resampled apart.

    Args:
        columns: one score per image, each of shape (N,).
        combine: elementwise function of as many arrays of shape (repeats,).
    """
    means = [_resampled_means(np.asarray(c, np.float64), rng, repeats) for c in columns]
    return middle(combine(*means))


def middle(samples: np.ndarray) -> tuple[float, float]:
    """Between which the middle 95 % of the samples lie; NaN when any is."""
    edge = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(samples, (edge, 100 - edge))
    return float(low), float(high)


def clopper_pearson(successes: int, trials: int) -> tuple[float, float]:
    """Exact binomial interval of a share (Clopper & Pearson 1934)."""
    result = stats.binomtest(successes, trials).proportion_ci(LEVEL, method="exact")
    return float(result.low), float(result.high)


def _resampled_means(scores: np.ndarray, rng: np.random.Generator, repeats: int) -> np.ndarray:
    chunk = max(1, 2_000_000 // len(scores))
    means = [
        scores[rng.integers(0, len(scores), (min(chunk, repeats - start), len(scores)))].mean(1)
        for start in range(0, repeats, chunk)
    ]
    return np.concatenate(means)
