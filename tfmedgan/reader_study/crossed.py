"""Intervals where every reader judged every image, and both are samples of more."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tfmedgan.evaluation.intervals import LEVEL, clopper_pearson


@dataclass(frozen=True)
class Pooled:
    """A mean over readers, with its 95 % interval and the p-value of a mean like chance."""

    value: float
    low: float | None
    high: float | None
    p_value: float | None


def pooled(
    readers: np.ndarray,
    strata: Sequence[np.ndarray],
    chance: float,
    bounds: tuple[float, float] = (0.0, 1.0),
    other_readers: bool = True,
) -> Pooled:
    """Mean over readers with an interval for other readers and other images.

    Two-way model with readers and images as random (Dorfman, Berbaum & Metz 1992; Obuchowski &
    Rockette 1995): V = V_readers + V_images - V_rest, t-interval with Satterthwaite's degrees of
    freedom. V is at least the largest of its parts.

    Args:
        readers: (R,) estimates, R >= 2.
        strata: of each kind of image (R, N) values, so scaled that the sum over kinds of their
            means over N is the reader's estimate up to a constant.
        chance: the value of readers who cannot tell.
        bounds: of possible values.
        other_readers: False for an interval of the same readers and other images.
    """
    count, value = len(readers), float(readers.mean())
    parts = [_parts(values) for values in strata]
    of_images, rest = sum(p[0] for p in parts), sum(p[1] for p in parts)
    of_readers = readers.var(ddof=1) / count if other_readers else 0.0
    rest = rest if other_readers else 0.0
    variance = max(of_readers + of_images - rest, of_readers, of_images, rest)
    if variance < 1e-12:
        return _exact(value, sum(s.shape[1] for s in strata), chance, bounds)
    spread = sum(p[0] ** 2 / (s.shape[1] - 1) for p, s in zip(parts, strata, strict=True))
    freedom = variance**2 / (of_readers**2 / (count - 1) + spread)
    error = np.sqrt(variance)
    half = stats.t.ppf((1 + LEVEL) / 2, freedom) * error
    p_value = 2 * stats.t.sf(abs(value - chance) / error, freedom)
    return Pooled(
        value, max(bounds[0], float(value - half)), min(bounds[1], float(value + half)),
        float(p_value),
    )  # fmt: skip


def _parts(values: np.ndarray) -> tuple[float, float]:
    """Variance of a kind's mean from its images, and from what neither they nor readers explain."""
    readers, images = values.shape
    means = values.mean(0)
    residual = values - values.mean(1, keepdims=True) - means + values.mean()
    rest = (residual**2).sum() / ((readers - 1) * (images - 1))
    return means.var(ddof=1) / images, rest / (readers * images)


def _exact(value: float, images: int, chance: float, bounds: tuple[float, float]) -> Pooled:
    """Where all answers agree, no variance is seen: what so many images allow to say."""
    if bounds != (0.0, 1.0):
        return Pooled(value, None, None, None)
    successes = round(value * images)
    test = stats.binomtest(successes, images, chance)
    return Pooled(value, *clopper_pearson(successes, images), float(test.pvalue))
