"""Density and coverage (Naeem et al. 2020)."""

import numpy as np

from tfmedgan.evaluation.intervals import bootstrap_means
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample
from tfmedgan.evaluation.neighbours import balls_around, balls_with_a_guest

NEIGHBOURS = 5


def scores(real: Sample, fake: Sample, k: int = NEIGHBOURS) -> tuple[np.ndarray, np.ndarray]:
    """Balls of reals around each fake, divided by k, (M,); whether each real's ball has a fake."""
    radii = real.radii(k)
    density = balls_around(fake.features, real.features, radii) / k
    return density, balls_with_a_guest(fake.features, real.features, radii)


def density_coverage(
    real: np.ndarray, fake: np.ndarray, k: int = NEIGHBOURS
) -> tuple[float, float]:
    """Density, about 1 for equal distributions and unbounded, and coverage, in [0, 1]."""
    density, coverage = scores(Sample(features=real), Sample(features=fake), k)
    return float(density.mean()), float(coverage.mean())


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    density, covered = scores(real, fake)
    how = "bootstrap of the {}, {} held fixed"
    return [
        Estimate(
            "density",
            float(density.mean()),
            *bootstrap_means([density], rng),
            how.format("fakes", "the reals"),
        ),
        Estimate(
            "coverage",
            float(covered.mean()),
            *bootstrap_means([covered], rng),
            how.format("reals", "the fakes"),
        ),
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
