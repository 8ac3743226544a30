"""Latent vectors beside those that a seed draws: on a path between them, or nearer the average."""

import numpy as np
from scipy.special import ndtr, ndtri

PARALLEL = 1e-6  # sine of the angle below which two vectors have no arc between them


def interpolated(z: np.ndarray, steps: int) -> np.ndarray:
    """A closed path through latent vectors, in equal steps; the last leads back to the first.

    From one vector to the next the direction turns at a constant speed (Shoemake 1985, for GANs
    White 2016), and the length changes evenly. Half way along a straight line z would be shorter
    by a factor of about √2 than what the generator was trained on.

    Args:
        z: (n, latent_dim), n at least 2.
        steps: from one vector to the next.

    Returns:
        float32 (n·steps, latent_dim); every `steps`-th one is of `z`, from the first on.
    """
    ends = zip(z.astype(np.float64), np.roll(z, -1, axis=0).astype(np.float64), strict=True)
    t = np.arange(steps)[:, np.newaxis] / steps
    return np.concatenate([_between(a, b, t) for a, b in ends]).astype(np.float32)


def _between(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    from_length, to_length = np.linalg.norm(a), np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / (from_length * to_length), -1, 1))
    if np.sin(angle) < PARALLEL:
        return (1 - t) * a + t * b
    start, end = np.sin((1 - t) * angle) * a / from_length, np.sin(t * angle) * b / to_length
    return (start + end) / np.sin(angle) * ((1 - t) * from_length + t * to_length)


def truncated(z: np.ndarray, threshold: float) -> np.ndarray:
    """z ~ N(0, 1) as draws from the normal distribution cut off at ±`threshold`, float32.

    Brock et al. 2019 draw anew what lies beyond the threshold. Here every component keeps its
    quantile (the inverse of the cut distribution function at Φ(z)), so that an image changes
    continuously with the threshold, and not at all when that is large.
    """
    beyond = ndtr(-threshold)  # probability of each of the tails that are cut off
    quantile = ndtr(-np.abs(z.astype(np.float64)))  # in the lower half, where rounding is finest
    return np.copysign(ndtri(beyond + quantile * (1 - 2 * beyond)), z).astype(np.float32)
