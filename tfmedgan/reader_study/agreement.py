"""Agreement between readers beyond chance."""

import numpy as np

from tfmedgan.evaluation.intervals import middle
from tfmedgan.seeding import rng

REPEATS = 2000


def fleiss_kappa(tallies: np.ndarray) -> float:
    """κ of Fleiss (1971): (observed - expected agreement) / (1 - expected agreement).

    Args:
        tallies: (N, K), how many readers gave image n the answer k; the same number of readers
            for each image, two or more.

    Returns:
        1 for complete agreement, 0 for that of chance; NaN if all answers are the same one.
    """
    readers = tallies.sum(1)[0]
    observed = ((tallies**2).sum(1) - readers).mean() / (readers * (readers - 1))
    expected = (tallies.mean(0) / readers) @ (tallies.mean(0) / readers)
    return float((observed - expected) / (1 - expected)) if expected < 1 else float("nan")


def tally(answers: np.ndarray, choices: int) -> np.ndarray:
    """`fleiss_kappa`'s tallies of answers (R, N) that are positions among the choices."""
    return (answers[..., None] == np.arange(choices)).sum(0)


def kappa_interval(tallies: np.ndarray, seed: int) -> tuple[float | None, float | None]:
    """95 % of κ over images drawn again with replacement, the readers being the same."""
    generator = rng(seed, "readers/kappa")
    drawn = generator.integers(0, len(tallies), (REPEATS, len(tallies)))
    values = np.array([fleiss_kappa(tallies[rows]) for rows in drawn])
    if np.isnan(values).any():
        return None, None
    return middle(values)
