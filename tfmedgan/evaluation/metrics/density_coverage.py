"""Density and coverage (Naeem et al. 2020)."""

import numpy as np

from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate
from tfmedgan.evaluation.neighbours import balls

NEIGHBOURS = 5


def scores(real: Sample, fake: Sample, k: int = NEIGHBOURS) -> tuple[np.ndarray, np.ndarray]:
    """Balls of reals around each fake, divided by k, (M,); whether each real's ball has a fake."""
    counts, covered = balls(fake.features, real.features, real.radii(k))
    return counts / k, covered


def density_coverage(
    real: np.ndarray, fake: np.ndarray, k: int = NEIGHBOURS
) -> tuple[float, float]:
    """Density, about 1 for equal distributions and unbounded, and coverage, in [0, 1]."""
    density, coverage = scores(Sample(features=real), Sample(features=fake), k)
    return float(density.mean()), float(coverage.mean())


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    density, covered = scores(real, fake)
    return [
        mean_estimate("density", density, rng, "bootstrap of the fakes, the reals held fixed"),
        mean_estimate("coverage", covered, rng, "bootstrap of the reals, the fakes held fixed"),
    ]


METRICS.add(
    "density_coverage",
    Metric(
        gives=("density", "coverage"),
        needs="features",
        measure=_measure,
        minimum=10,
        rank=3,
        bounds={"density": (0.0, np.inf), "coverage": (0.0, 1.0)},
        better="higher",
    ),
)
