"""Peak signal-to-noise ratio of pairs of images, in decibels."""

import numpy as np

from tfmedgan.errors import require
from tfmedgan.evaluation.intervals import bootstrap_means
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample
from tfmedgan.evaluation.similarity import psnr

CHUNK = 100


def over_pairs(function, real: Sample, fake: Sample) -> np.ndarray:
    """`function(reals, fakes)` of all pairs, a chunk at a time, (N,).

    Raises:
        InputError: when the images of the two sets differ in size.
    """
    scores = []
    for start in range(0, real.size, CHUNK):
        chosen = range(start, min(start + CHUNK, real.size))
        left, right = real.images.stack(chosen), fake.images.stack(chosen)
        require(
            left.shape == right.shape,
            f"{fake.images.name}: {right.shape[1:]} and {left.shape[1:]} pixels cannot be "
            "compared one by one; give pairs of one size",
        )
        scores.append(function(left, right))
    return np.concatenate(scores)


def finite_mean(scores: np.ndarray, rng: np.random.Generator) -> tuple:
    """Mean, interval and a note about pairs that are equal, whose PSNR is infinite."""
    finite = scores[np.isfinite(scores)]
    require(len(finite) > 0, "psnr: all pairs are identical, so it is infinite; nothing to report")
    equal = len(scores) - len(finite)
    note = f"{equal} of {len(scores)} pairs are identical and left out" if equal else ""
    return float(finite.mean()), *bootstrap_means([finite], rng), note


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    value, low, high, note = finite_mean(over_pairs(psnr, real, fake), rng)
    return [Estimate("psnr", value, low, high, "bootstrap of the pairs", note)]


METRICS.add(
    "psnr",
    Metric(
        gives=("psnr",),
        needs="pairs",
        measure=_measure,
        minimum=2,
        rank=6,
        bounds=(0.0, np.inf),  # dB: between bytes it is never negative
        better="higher",
        default="never",
        titles={"psnr": "PSNR, dB"},
    ),
)
