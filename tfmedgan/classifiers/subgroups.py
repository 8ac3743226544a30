"""A classifier's scores for each value of a column of the data, and the largest gaps."""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from scipy import stats

from tfmedgan.classifiers.bootstrap import resamples, score_samples
from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.classifiers.scores import scores
from tfmedgan.evaluation.gaps import Gap, joint_level, largest
from tfmedgan.evaluation.intervals import Figure, middle
from tfmedgan.seeding import rng

LEAST = 10  # images of each class
COMPARED = ("balanced_accuracy", "recall", "specificity", "auroc")
# The others change with the frequency of a class in the group, whatever the classifier does.


@dataclass(frozen=True)
class ScoredGroups:
    """Rows of each value, the largest gaps, and the values with too few images."""

    rows: list[dict] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def enough(
    column: str, values: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Positions of the images of each value that can be scored, and why others cannot."""
    groups, refused = {}, []
    for value in map(str, np.unique(values)):
        chosen = np.flatnonzero(values == value)
        counts = np.bincount(labels[chosen], minlength=len(classes))
        if counts.min() >= LEAST:
            groups[value] = chosen
            continue
        few = ", ".join(f"{n} of {name}" for n, name in zip(counts, classes, strict=True))
        refused.append(
            f"{column}={value}: too few images, {few}; at least {LEAST} of each class are needed"
        )
    if len(groups) < 2:
        refused.append(f"{column}: {len(groups)} values with enough images; a gap needs two")
    return groups, refused


def score_groups(
    column: str,
    values: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    protocol: dict,
    replicates: int,
) -> ScoredGroups:
    """Scores of each value.

    Args:
        values: of the images, text (n,).
        labels, probabilities: (n,) and (n, classes).
        protocol: of the scores of all images.
        replicates: resamples behind each interval.
    """
    groups, refused = enough(column, values, labels, tuple(protocol["classes"]))
    result = ScoredGroups(refused=refused)
    points, spreads = {}, {}
    for value, chosen in groups.items():
        own, given = labels[chosen], probabilities[chosen]
        drawn = resamples(own, replicates, rng(protocol["seed"], f"classifier/{column}={value}"))
        points[value], samples = scores(own, given), score_samples(own, given, drawn)
        spreads[value] = {name: samples[name].std(ddof=1) for name in SCORES}
        named = protocol | {"group": f"{column}={value}", "n_test": len(chosen)}
        for name in SCORES:
            low, high = middle(samples[name])
            result.rows.append({"metric": name, "value": points[value][name], "low": low,
                                "high": high, "protocol": named})  # fmt: skip
    if len(groups) > 1:
        level = joint_level(len(groups), len(COMPARED))
        result.gaps.extend(_gap(column, name, points, spreads, level) for name in COMPARED)
    return result


def _gap(column: str, name: str, points: dict, spreads: dict, level: float) -> Gap:
    """The largest gap of a score."""
    gaps, quantile = [], float(stats.norm.ppf((1 + level) / 2))
    for lower, higher in combinations(sorted(points, key=lambda value: points[value][name]), 2):
        ends = points[lower][name], points[higher][name]
        half = quantile * float(np.hypot(spreads[lower][name], spreads[higher][name]))
        figure = Figure(ends[0] - ends[1], ends[0] - ends[1] - half, ends[0] - ends[1] + half)
        gaps.append(Gap(name, SCORES[name].title, column, lower, higher, ends, figure))
    return largest(gaps)
