"""Arms beside each other: means, paired differences from real images alone, and a verdict.

Intervals come from resampling the test images (within each class) and the seeds, together and
in the same way for both arms of a pair. So few seeds vary less in resamples than in truth; their
spread is widened to that of Student's t.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from tfmedgan.classifiers.bootstrap import resamples, score_samples
from tfmedgan.classifiers.score_list import SCORES, Score
from tfmedgan.downstream.config import REAL, DownstreamStudy
from tfmedgan.evaluation.intervals import LEVEL, Figure
from tfmedgan.seeding import rng

BETTER, WORSE, UNDECIDED = "better", "worse", "no difference shown"


@dataclass(frozen=True)
class ArmResult:
    """What an arm scored, and how that differs from real images alone."""

    arm: str
    scores: dict[str, Figure]
    differences: dict[str, Figure]  # empty for the baseline
    joint: dict[str, Figure]  # the same, with intervals that hold for all arms together
    primary_metric: str  # the score that decides
    verdict: str

    @property
    def decisive(self) -> Figure | None:
        return self.joint.get(self.primary_metric)


def compare(study: DownstreamStudy, labels: np.ndarray, probabilities: dict) -> list[ArmResult]:
    """Results of the arms.

    Args:
        labels: of the test images, (n,).
        probabilities: for each arm a list, over the seeds, of arrays (n, classes).
    """
    drawn = resamples(labels, study.replicates, rng(study.data_seed, "downstream/images"))
    every = np.arange(len(labels))[None]
    samples = {arm: samples_of(labels, runs, drawn) for arm, runs in probabilities.items()}
    points = {arm: samples_of(labels, runs, every) for arm, runs in probabilities.items()}
    return results_of(points, samples, study.primary_metric, resampled_seeds(study))


def results_of(
    points: dict, samples: dict, primary_metric: str, seeds: np.ndarray, scores=SCORES
) -> list[ArmResult]:
    """Results of the arms, of which one is `REAL`.

    Args:
        points: each arm's scores on the test images themselves, arrays (1, seeds) by name.
        samples: on resamples, (resamples, seeds).
        seeds: resampled seeds, (resamples, seeds).
        scores: all names, with their direction.
    """
    joint = 1 - (1 - LEVEL) / max(len(points) - 1, 1)
    return [_result(arm, primary_metric, points, samples, seeds, joint, scores) for arm in points]


def samples_of(labels, runs, drawn) -> dict[str, np.ndarray]:
    """Each score, (resamples, seeds)."""
    per_seed = [score_samples(labels, probabilities, drawn) for probabilities in runs]
    return {name: np.stack([run[name] for run in per_seed], axis=1) for name in SCORES}


def resampled_seeds(study: Any) -> np.ndarray:
    """Indices of seeds, (resamples, seeds), for a study with data_seed, seeds and replicates."""
    generator = rng(study.data_seed, "downstream/seeds")
    return generator.integers(0, study.seeds, (study.replicates, study.seeds))


def _result(arm, primary_metric, points, samples, seeds, joint: float, names) -> ArmResult:
    scores = {n: score_of(points[arm][n], samples[arm][n], seeds, names[n]) for n in names}
    if arm == REAL:
        return ArmResult(arm, scores, {}, {}, primary_metric, "baseline")
    pairs = {
        n: (points[arm][n] - points[REAL][n], samples[arm][n] - samples[REAL][n]) for n in names
    }
    differences = {n: figure_of(*pairs[n], seeds, LEVEL) for n in names}
    together = {n: figure_of(*pairs[n], seeds, joint) for n in names}
    decision = verdict(together[primary_metric], primary_metric, names)
    return ArmResult(arm, scores, differences, together, primary_metric, decision)


def verdict(figure: Figure, score: str, scores: Mapping[str, Score] = SCORES) -> str:
    """What a difference says; "better" and "worse" only if its interval excludes zero."""
    if not (figure.low > 0 or figure.high < 0):
        return UNDECIDED
    return BETTER if (figure.low > 0) != (scores[score].better == "lower") else WORSE


def score_of(
    point: np.ndarray, samples: np.ndarray, seeds: np.ndarray, score: Score = SCORES["accuracy"]
) -> Figure:
    """A score with its interval, inside the range that it has."""
    figure = figure_of(point, samples, seeds, LEVEL)
    return Figure(figure.value, max(figure.low, 0.0), min(figure.high, score.largest))


def figure_of(point: np.ndarray, samples: np.ndarray, seeds: np.ndarray, level: float) -> Figure:
    """Mean over the seeds, with its interval.

    Args:
        point: the statistic on the test images themselves, (1, seeds).
        samples: on resamples, (resamples, seeds).
        seeds: resampled seeds, (resamples, seeds).
    """
    images_only = samples.mean(axis=1)
    both = np.take_along_axis(samples, seeds, axis=1).mean(axis=1)
    spread = images_only + _widening(samples.shape[1], level) * (both - images_only)
    tail = 50 * (1 - level)
    low, high = np.percentile(spread, [tail, 100 - tail])
    return Figure(float(point.mean()), float(low), float(high))


def _widening(count: int, level: float) -> float:
    """From resampled seeds to the interval of Student's t with count − 1 degrees of freedom."""
    if count < 2:
        return 0.0
    quantile = 0.5 + level / 2
    ratio = stats.t.ppf(quantile, count - 1) / stats.norm.ppf(quantile)
    return float(ratio * np.sqrt(count / (count - 1)))
