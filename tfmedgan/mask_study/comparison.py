"""Arms beside each other: means, paired differences from real images alone, and a verdict."""

import numpy as np

from tfmedgan.downstream.comparison import ArmResult, resampled_seeds, results_of
from tfmedgan.mask_study.config import SCORED, MaskStudy
from tfmedgan.seeding import rng
from tfmedgan.segmentation.scores import SCORES


def compare(study: MaskStudy, scores: dict[str, list[dict[str, np.ndarray]]]) -> list[ArmResult]:
    """Results of the arms; intervals come from resampling test images and seeds, paired.

    Args:
        scores: for each arm a list, over the seeds, of the scores of each test image, (n,).
    """
    n = len(next(iter(scores.values()))[0][SCORED[0]])
    drawn = rng(study.data_seed, "mask study/images").integers(0, n, (study.replicates, n))
    points = {arm: _means(runs, np.arange(n)[None]) for arm, runs in scores.items()}
    samples = {arm: _means(runs, drawn) for arm, runs in scores.items()}
    return results_of(points, samples, study.primary_metric, resampled_seeds(study), SCORES)


def _means(runs: list[dict[str, np.ndarray]], drawn: np.ndarray) -> dict[str, np.ndarray]:
    """The mean of each score on each resample, (resamples, seeds)."""
    return {
        name: np.stack([run[name][drawn].mean(axis=1) for run in runs], axis=1) for name in SCORED
    }
