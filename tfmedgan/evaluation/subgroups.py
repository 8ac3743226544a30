"""Whom the generated images serve: figures for each value of a column of the data.

Generated images have no sex and no site, so that all of them together are held against the real
images of each value. Only estimates that are means over real images say something then, and each
image's part of them is computed once, on all images: a small group is not judged by a metric that
depends on the number of images, nor blamed for being unlike the majority. See `image_scores`.
"""

from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from tfmedgan.data.columns import values_of
from tfmedgan.errors import require
from tfmedgan.evaluation.audit.roles import patients
from tfmedgan.evaluation.comparison import EvaluatedSet, protocol_of
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.gaps import Gap, joint_level, largest, named, sentences
from tfmedgan.evaluation.image_scores import INTERVAL, ImageScores
from tfmedgan.evaluation.inputs import EvaluationInputs
from tfmedgan.evaluation.intervals import Figure
from tfmedgan.evaluation.metrics import Sample, title_of
from tfmedgan.evaluation.rows import Row
from tfmedgan.seeding import rng

MOST = 20  # values
LEAST = 20  # real images of each value
BY_ESTIMATE = {"kid": "kid_contribution", "recall": "recall", "coverage": "coverage"}


@dataclass(frozen=True)
class Grouped:
    """The values of the reference images, in the order of their content."""

    column: str
    values: np.ndarray  # text, (N,)
    patients: np.ndarray  # int, (N,)
    estimates: tuple[str, ...]


@dataclass(frozen=True)
class Subgroups:
    """Figures of each value with enough images, the largest gaps, and what was refused."""

    column: str
    counts: dict[str, int]  # real images of each value
    values: tuple[str, ...]  # those that were measured
    rows: list[Row] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def name_of(self, value: str) -> str:
        """What rows call the real images of a value."""
        return f"{self.column}={value}"

    @property
    def alarms(self) -> list[str]:
        return named(self.gaps)

    @property
    def sentences(self) -> list[str]:
        return sentences(self.gaps)

    def to_dict(self) -> dict:
        """What subgroups.json holds."""
        return {
            "column": self.column,
            "counts": self.counts,
            "sentences": self.sentences,
            "gaps": [gap.to_dict() for gap in self.gaps],
            "refused": self.refused,
        }


def of_column(inputs: EvaluationInputs, column: str, chosen: dict) -> Grouped:
    """The values of a column, refused before anything is computed where they are no groups.

    Args:
        chosen: metrics and their estimates, as `metrics.select` gives them.

    Raises:
        InputError: for an unknown column, one value or too many, and metrics without images' parts.
    """
    kept = {estimate for estimates in chosen.values() for estimate in estimates}
    estimates = tuple(name for key, name in BY_ESTIMATE.items() if key in kept)
    require(
        bool(estimates),
        f"--by: of a group {', '.join(BY_ESTIMATE)} can be measured; name one of them in --metrics",
    )
    pool = inputs.reference.in_order_of_content()
    values = values_of((inputs.provenance or {}).get("source", ""), column, pool.names)
    count = len(np.unique(values))
    require(
        count <= MOST,
        f"--by {column}: {count} values; at most {MOST} are compared: put bands, such as 40-59, "
        "into a column",
    )
    whose = patients(pool, inputs.groups.get("reference", ()))
    return Grouped(column, values, whose, estimates)


def measure(
    grouped: Grouped,
    real: Sample,
    fake: Sample,
    extractor: Extractor,
    evaluated: EvaluatedSet,
    seed: int,
) -> Subgroups:
    """Figures of each value, and the largest gap of each estimate."""
    counts = {str(v): int(n) for v, n in zip(*np.unique(grouped.values, return_counts=True),
                                             strict=True)}  # fmt: skip
    values = tuple(value for value, count in counts.items() if count >= LEAST)
    result = Subgroups(grouped.column, counts, values)
    result.refused.extend(
        f"{result.name_of(value)}: {count} real images are too few; at least {LEAST} are needed."
        for value, count in counts.items()
        if count < LEAST
    )
    if len(values) < 2:
        result.refused.append(
            f"Subgroups by {grouped.column}: {len(values)} with enough images, so there is no gap "
            "to look for."
        )
    masks = {value: grouped.values == value for value in values}
    joint = joint_level(len(values), len(grouped.estimates))
    for estimate in grouped.estimates:
        scores = ImageScores.of(estimate, real, fake, rng(seed, f"subgroups/{estimate}"))
        for value, mask in masks.items():
            figure = scores.mean(mask, grouped.patients)
            result.rows.append(
                _row(estimate, result.name_of(value), figure, mask, real, fake, extractor,
                     evaluated, seed)
            )  # fmt: skip
        if len(values) > 1:
            result.gaps.append(_largest_gap(estimate, scores, grouped, masks, joint))
    return result


def _largest_gap(
    estimate: str, scores: ImageScores, grouped: Grouped, masks: dict, level: float
) -> Gap:
    means = {value: float(scores.whole[mask].mean()) for value, mask in masks.items()}
    gaps = []
    for lower, higher in combinations(sorted(means, key=means.__getitem__), 2):
        apart = scores.difference(masks[lower], masks[higher], grouped.patients, level)
        ends = means[lower], means[higher]
        gaps.append(Gap(estimate, title_of(estimate), grouped.column, lower, higher, ends, apart))
    return largest(gaps)


def _row(estimate, name, figure: Figure, mask, real: Sample, fake: Sample, extractor, evaluated,
         seed) -> Row:  # fmt: skip
    chosen = np.flatnonzero(mask)
    part = Sample(features=real.features[chosen])
    part.images = real.images.take(chosen)
    protocol = protocol_of(part, fake, extractor, replace(evaluated, classes=(name,)), seed)
    metric = f"{estimate}_{extractor.name}"
    low, high = figure.low, figure.high
    if estimate != "kid_contribution":  # a share
        low, high = max(low, 0.0), min(high, 1.0)
    return Row(metric, figure.value, low, high, protocol, evaluated.run, INTERVAL)
