"""Diversity: mean MS-SSIM of random pairs of fakes, beside that of pairs of reals.

Odena et al. 2017: fakes that are more alike than reals are a sign of mode collapse.
"""

import numpy as np

from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate
from tfmedgan.evaluation.similarity import ms_ssim, scale_weights

PAIRS = 500
CHUNK = 50  # pairs in memory at a time


def pair_similarities(
    images: ImagePool, rng: np.random.Generator, pairs: int = PAIRS
) -> np.ndarray:
    """MS-SSIM of random pairs of different images of the set, in [0, 1], (pairs,)."""
    first = rng.integers(0, len(images), pairs)
    second = (first + rng.integers(1, len(images), pairs)) % len(images)
    parts = [slice(i, i + CHUNK) for i in range(0, pairs, CHUNK)]
    return np.concatenate(
        [ms_ssim(images.stack(first[part]), images.stack(second[part])) for part in parts]
    )


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    results = []
    for kind, sample in (("fake", fake), ("real", real)):
        values = pair_similarities(sample.images, rng)
        scales = len(scale_weights(min(sample.images.read(0).shape[:2])))
        how = f"bootstrap of {PAIRS} random pairs"
        results.append(mean_estimate(f"ms_ssim_{kind}", values, rng, how, f"{scales} of 5 scales"))
    return results


METRICS.add(
    "ms_ssim",
    Metric(
        gives=("ms_ssim_fake", "ms_ssim_real"),
        needs="images",
        measure=_measure,
        minimum=10,
        rank=4,
        bounds=(0.0, 1.0),
        better={"ms_ssim_fake": "closer", "ms_ssim_real": "none"},
        caveat="fakes far above reals: the generator repeats itself",
        titles={"ms_ssim_fake": "MS-SSIM among generated", "ms_ssim_real": "MS-SSIM among real"},
    ),
)
