"""Means over seeds, and differences of rows that share their seeds."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tfmedgan.evaluation.intervals import LEVEL


@dataclass(frozen=True)
class Mean:
    """A mean over seeds; no interval with one seed."""

    value: float
    low: float | None
    high: float | None
    seeds: int


def mean(values) -> Mean:
    """Mean and 95 % interval of Student's t, which takes the seeds as a sample of all seeds."""
    values = np.asarray(list(values), np.float64)
    centre, count = float(values.mean()), len(values)
    if count < 2:
        return Mean(centre, None, None, count)
    reach = float(stats.sem(values) * stats.t.ppf((1 + LEVEL) / 2, count - 1))
    return Mean(centre, centre - reach, centre + reach, count)


def within(average: Mean, bounds: tuple[float, float]) -> Mean:
    """The mean with its interval cut to the values that the metric can take."""
    if average.low is None or average.high is None:
        return average
    low, high = bounds
    return Mean(average.value, max(average.low, low), min(average.high, high), average.seeds)


def paired_difference(first: dict[int, float], second: dict[int, float]) -> Mean | None:
    """Mean of `first - second` over the seeds that both have; None without a common seed."""
    seeds = sorted(first.keys() & second.keys())
    return mean(first[seed] - second[seed] for seed in seeds) if seeds else None


def excludes_zero(difference: Mean) -> bool:
    """Whether the interval exists and lies on one side of zero."""
    low, high = difference.low, difference.high
    return low is not None and high is not None and low * high > 0
