"""Structural similarity of pairs of images (Wang et al. 2004)."""

import numpy as np

from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate
from tfmedgan.evaluation.metrics.psnr import over_pairs
from tfmedgan.evaluation.similarity import ssim


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    scores = over_pairs(ssim, real, fake)
    how = "bootstrap of the pairs"
    return [mean_estimate("ssim", scores, rng, how, "Gaussian window, σ 1.5")]


METRICS.add(
    "ssim",
    Metric(
        gives=("ssim",),
        needs="pairs",
        measure=_measure,
        minimum=2,
        rank=7,
        bounds=(-1.0, 1.0),
        better="higher",
        default="never",
        titles={"ssim": "SSIM"},
    ),
)
