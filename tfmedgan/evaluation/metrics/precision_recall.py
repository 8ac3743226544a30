"""Improved precision and recall (Kynkäänniemi et al. 2019) and their harmonic mean."""

import numpy as np

from tfmedgan.evaluation.intervals import bootstrap_means
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate
from tfmedgan.evaluation.neighbours import balls

NEIGHBOURS = 3


def inside(queries: np.ndarray, sample: Sample, k: int = NEIGHBOURS) -> np.ndarray:
    """Whether each query lies in a k-nearest-neighbour ball of the sample, bool, (M,)."""
    return balls(queries, sample.features, sample.radii(k))[0] > 0


def precision_recall(
    real: np.ndarray, fake: np.ndarray, k: int = NEIGHBOURS
) -> tuple[float, float]:
    """Share of fakes in k-nearest-neighbour balls of the reals, and of reals in those of fakes."""
    reals, fakes = Sample(features=real), Sample(features=fake)
    return float(inside(fake, reals, k).mean()), float(inside(real, fakes, k).mean())


def harmonic_mean(precision, recall):
    """F1 of the two, 0 where both are 0."""
    total = np.asarray(precision + recall)
    return 2 * precision * recall / np.where(total > 0, total, 1)


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    good, covered = inside(fake.features, real), inside(real.features, fake)
    how = "bootstrap of the {}, the other set's neighbourhoods held fixed"
    precision = mean_estimate("precision", good, rng, how.format("fakes"))
    recall = mean_estimate("recall", covered, rng, how.format("reals"))
    f1 = float(harmonic_mean(precision.value, recall.value))
    limits = bootstrap_means([good, covered], rng, harmonic_mean)
    both = "bootstrap of both sets, neighbourhoods held fixed"
    return [precision, recall, Estimate("f1", f1, *limits, both)]


METRICS.add(
    "precision_recall",
    Metric(
        gives=("precision", "recall", "f1"),
        needs="features",
        measure=_measure,
        minimum=10,
        rank=2,
        bounds=(0.0, 1.0),
        better="higher",
    ),
)
