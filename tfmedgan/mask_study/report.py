"""A study's report: report.md, report.html, results.csv, differences.png, dice-kid.png."""

import json
from typing import Any

from tfmedgan.downstream.comparison import ArmResult, Figure
from tfmedgan.downstream.config import REAL, alone
from tfmedgan.downstream.figures import differences_figure
from tfmedgan.downstream.report import ENOUGH_SEEDS
from tfmedgan.errors import require
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.files import csv_text, write_bytes, write_text
from tfmedgan.mask_study.comparison import compare
from tfmedgan.mask_study.directory import MaskOutcome, MaskStudyDirectory
from tfmedgan.mask_study.figures import Point, encoded_dice_against_kid
from tfmedgan.mask_study.quality import METRICS
from tfmedgan.reporting.formatting import interval, number, public_name, with_interval
from tfmedgan.reporting.pages import data_url, render
from tfmedgan.segmentation.scores import SCORES

HEADS = (*(score.title for score in SCORES.values()), *map(title_of, METRICS))
DIGITS = 3


class MaskFindings:
    """Everything that the reports say, read from a study's folder."""

    def __init__(self, place: MaskStudyDirectory):
        self.study, self.place, self.test = place.study, place, place.test
        self.machine = json.loads((place.path / "environment.json").read_text())
        seeds = range(self.study.seeds)
        missing = [(a, s) for a in self.study.arms for s in seeds if not place.has(a, s)]
        require(not missing, f"{place.path}: {len(missing)} trainings are still to be done")
        arms = self.study.arms
        self.outcomes: dict[str, list[MaskOutcome]] = {
            arm: [place.outcome(arm, seed) for seed in seeds] for arm in arms
        }
        scores = {arm: [place.scores(arm, seed) for seed in seeds] for arm in arms}
        self.results: list[ArmResult] = compare(self.study, scores)

    @property
    def title(self) -> str:
        return self.study.name or "Do synthetic images with masks help a U-Net?"

    @property
    def phantom(self) -> bool:
        """Whether the images called real are drawn."""
        return self.study.data.source.startswith("phantom")

    @property
    def cells(self) -> dict[str, list[str]]:
        """Below `HEADS`, by arm."""
        source_of = {arm: source.name for source in self.study.sources for arm in source.arms}
        return {
            result.arm: [
                *(with_interval(result.scores[name], DIGITS) for name in SCORES),
                *(number(self.quality(source_of.get(result.arm), m), DIGITS) for m in METRICS),
            ]
            for result in self.results
        }

    def quality(self, source: str | None, metric: str) -> float | None:
        """Mean over the trainings of a generator; None where it could not be measured."""
        if source is None:
            return None
        numbers = sorted({self.study.generator_seed(seed) for seed in range(self.study.seeds)})
        measured = [self.place.quality(source, number).get(metric) for number in numbers]
        values = [entry["value"] for entry in measured if entry and entry["value"] is not None]
        return sum(values) / len(values) if values else None

    @property
    def points(self) -> list[Point]:
        """Dice of synthetic images alone, against their KID."""
        by_arm = {result.arm: result for result in self.results}
        points = []
        for source in self.study.sources:
            kid, figure = (
                self.quality(source.name, "kid"),
                by_arm[alone(source.name)].scores["dice"],
            )
            if kid is not None:
                points.append(point_of(source.name, kid, figure, self.study.seeds))
        return points


def point_of(name: str, kid: float, dice: Any, seeds: int) -> Point:
    """The point of a source; its kind is in its name."""
    short, drawn, _ = name.partition(", masks by U-Net")
    reach = None if seeds < 2 else (dice.value - dice.low, dice.high - dice.value)
    return Point(short, kid, dice.value, reach, "masks by U-Net" if drawn else "with masks")


def write_report(place: MaskStudyDirectory) -> MaskFindings:
    """Write the files beside the outcomes, each in one step.

    Raises:
        InputError: when the study is not finished.
    """
    findings = MaskFindings(place)
    pictures = {
        "differences": differences_figure(findings.results, findings.study.primary_metric, SCORES)
    }
    if points := findings.points:
        real = findings.results[0].scores["dice"].value
        pictures["dice-kid"] = encoded_dice_against_kid(points, real)
    for name, content in pictures.items():
        write_bytes(place.path / f"{name}.png", content)
    write_text(place.path / "results.csv", csv_text(csv_rows(findings)))
    beside = {name: f"{name}.png" for name in pictures}
    inside = {name: data_url(content) for name, content in pictures.items()}
    write_text(place.path / "report.md", _report(findings, "report.md.jinja", beside))
    write_text(place.path / "report.html", _report(findings, "report.html", inside))
    return findings


def csv_rows(findings: MaskFindings) -> list[dict]:
    """One row for each arm and score: mean, interval, difference from real images alone."""
    primary = findings.study.primary_metric
    return [
        {
            "arm": result.arm,
            "score": name,
            "value": score.value,
            "low": score.low,
            "high": score.high,
            "difference": other and other.value,
            "difference_low": other and other.low,
            "difference_high": other and other.high,
            "verdict": result.verdict if name == primary else "",
        }
        for result in findings.results
        for name, score in result.scores.items()
        for other in [result.differences.get(name)]
    ]


def sentences(findings: MaskFindings) -> list[str]:
    """What the study found, an arm a sentence."""
    primary, seeds, said = findings.study.primary_metric, findings.study.seeds, []
    if seeds == 1:
        said.append("One seed: how much trainings differ is in no interval; take five or more.")
    elif seeds < ENOUGH_SEEDS:
        said.append(f"Only {seeds} seeds: take {ENOUGH_SEEDS} or more before you believe it.")
    for result in findings.results:
        if result.decisive is None:
            continue
        apart = result.differences[primary]
        said.append(
            f"{result.arm}: {result.verdict} ({SCORES[primary].title} "
            f"{number(apart.value, DIGITS, '+')}, 95 % {_span(apart)}; for all arms together "
            f"{_span(result.decisive)})"
        )
    return said


def _span(figure: Figure) -> str:
    return interval(figure.low, figure.high, DIGITS, "+")


def protocol(findings: MaskFindings) -> list[str]:
    """What the figures depend on, a line each."""
    study, test = findings.study, findings.test
    first = [findings.outcomes[arm][0] for arm in study.arms]
    counts = ", ".join(
        f"{o.arm}: {o.n_train}"
        + (f" ({o.synthetic} synthetic)" if o.synthetic else "")
        + (f", {o.empty_masks} masks empty" if o.empty_masks else "")
        for o in first
    )
    network = study.unet.network
    return [
        f"data: {public_name(study.data.source)}",
        f"test: {len(test['names'])} real images, SHA-256 {test['sha256'][:16]}, split "
        f"{test['split'][:16]}; no patient and no near-duplicate is on both sides",
        "validation: real images in every arm, for early stopping",
        f"training images, seed 0: {counts}",
        f"U-Net: width {network.width}, {network.image_shape[0]} px, at most {study.unet.epochs} "
        "epochs; as many updates between two validations in every arm; HD95 in pixels of this size",
        *[_source_line(study, source) for source in study.sources],
        *(_quality_lines(study) if study.features else []),
        f"seeds: {study.seeds}; intervals 95 %, {study.replicates} resamples of test images and of "
        "seeds, paired; verdicts hold for all arms together (Bonferroni)",
        *study.deviations,
    ]


def _quality_lines(study) -> list[str]:
    return [
        f"KID and FID: features {public_name(study.features)}, of the images without their masks, "
        "beside the validation and test images"
    ]


def _source_line(study, source) -> str:
    if source.experiment is None:
        return f"{source.name}: images of {public_name(source.place)}, the same for every seed"
    model = source.experiment.model
    times = study.generator_seeds or study.seeds
    return (
        f"{source.name}: {source.experiment.name or model.family}, {model.image_shape[0]} px, "
        f"{source.experiment.epochs} epochs, {times} training{'s' if times != 1 else ''} for "
        f"{study.seeds} seeds, on the training part only"
    )


def _report(findings: MaskFindings, template: str, pictures: dict[str, str]) -> str:
    return render(
        f"mask_study/{template}",
        findings=findings,
        heads=HEADS,
        sentences=sentences(findings),
        protocol=protocol(findings),
        pictures=pictures,
        baseline=REAL,
    )
