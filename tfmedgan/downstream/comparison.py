"""Arms beside each other: means, paired differences from real images alone, and a verdict.

Intervals come from resampling the test images (for classifiers within each class) and the seeds,
together and in the same way for both arms of a pair. So few seeds vary less in resamples than in
truth; their spread is widened to that of Student's t.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from tfmedgan.classifiers.bootstrap import resamples, score_samples
from tfmedgan.classifiers.score_list import SCORES, Score
from tfmedgan.downstream.config import MASK_SCORES, REAL, DownstreamStudy, MaskStudy
from tfmedgan.evaluation.intervals import LEVEL, Figure
from tfmedgan.seeding import rng
from tfmedgan.segmentation.scores import SCORES as OF_MASKS

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
    """Results of classifiers.

    Args:
        labels: of the test images, (n,).
        probabilities: for each arm a list, over the seeds, of arrays (n, classes).
    """
    drawn = resamples(labels, study.replicates, rng(study.data_seed, "downstream/images"))
    return _results(study, probabilities, partial(samples_of, labels), drawn, SCORES)


def compare_masks(study: MaskStudy, scores: dict[str, list[dict]]) -> list[ArmResult]:
    """Results of U-Nets.

    Args:
        scores: for each arm a list, over the seeds, of the scores of each test image, (n,).
    """
    n = len(next(iter(scores.values()))[0][MASK_SCORES[0]])
    drawn = rng(study.data_seed, "mask study/images").integers(0, n, (study.replicates, n))
    return _results(study, scores, _means, drawn, OF_MASKS)


def _results(
    study: Any, kept: dict[str, list], scored: Callable[[list, np.ndarray], dict],
    drawn: np.ndarray, scores: Mapping[str, Score],
) -> list[ArmResult]:  # fmt: skip
    """Results of the arms, of which one is `REAL`.

    Args:
        kept: of each arm, over the seeds.
        scored: (what was kept, images (resamples, n)) → each score, (resamples, seeds).
        drawn: resampled test images, (resamples, n).
    """
    every = np.arange(drawn.shape[1])[None]
    points = {arm: scored(runs, every) for arm, runs in kept.items()}
    samples = {arm: scored(runs, drawn) for arm, runs in kept.items()}
    seeds, joint = resampled_seeds(study), 1 - (1 - LEVEL) / max(len(points) - 1, 1)
    primary = study.primary_metric
    return [_result(arm, primary, points, samples, seeds, joint, scores) for arm in points]


def samples_of(labels, runs, drawn) -> dict[str, np.ndarray]:
    """Each score, (resamples, seeds)."""
    per_seed = [score_samples(labels, probabilities, drawn) for probabilities in runs]
    return {name: np.stack([run[name] for run in per_seed], axis=1) for name in SCORES}


def _means(runs: list[dict[str, np.ndarray]], drawn: np.ndarray) -> dict[str, np.ndarray]:
    """The mean of each score on each resample, (resamples, seeds)."""
    means = {name: [run[name][drawn].mean(axis=1) for run in runs] for name in MASK_SCORES}
    return {name: np.stack(of_seeds, axis=1) for name, of_seeds in means.items()}


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
    low, high = _ends(spread, level)
    return Figure(float(point.mean()), low, high)


def _ends(spread: np.ndarray, level: float) -> tuple[float, float]:
    """Between which a share `level` of resamples lies; of a normal distribution where the rest
    is less than one resample at either end."""
    tail = (1 - level) / 2
    if tail * len(spread) >= 1:
        low, high = np.quantile(spread, [tail, 1 - tail])
    else:
        low, high = stats.norm.interval(level, spread.mean(), spread.std(ddof=1))
    return float(low), float(high)


def _widening(count: int, level: float) -> float:
    """From resampled seeds to the interval of Student's t with count − 1 degrees of freedom."""
    if count < 2:
        return 0.0
    quantile = 0.5 + level / 2
    ratio = stats.t.ppf(quantile, count - 1) / stats.norm.ppf(quantile)
    return float(ratio * np.sqrt(count / (count - 1)))
