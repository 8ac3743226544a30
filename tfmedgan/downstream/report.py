"""A study's report: report.md, results.csv, differences.png and report.html."""

import json
from dataclasses import asdict

import numpy as np

from tfmedgan.classifiers.score_list import DERIVED, SCORES
from tfmedgan.downstream.comparison import ArmResult, compare
from tfmedgan.downstream.config import REAL
from tfmedgan.downstream.directory import Outcome, StudyDirectory
from tfmedgan.downstream.figures import differences_figure
from tfmedgan.downstream.subgroups import StudiedGroups, studied_groups
from tfmedgan.errors import require
from tfmedgan.evaluation.gaps import sentences as group_sentences
from tfmedgan.evaluation.intervals import Figure
from tfmedgan.files import csv_text, write_bytes, write_text
from tfmedgan.reporting.formatting import interval, number, public_name, with_interval
from tfmedgan.reporting.pages import data_url, render

HEADS = (*(score.title for score in SCORES.values()), DERIVED["ece_before"].title)
DIGITS = 3
ENOUGH_SEEDS = 5


class Findings:
    """Everything that the reports say, read from a study's folder."""

    def __init__(self, place: StudyDirectory, by: str = ""):
        self.study, self.test = place.study, place.test
        self.machine = json.loads((place.path / "environment.json").read_text())
        seeds = range(self.study.seeds)
        missing = [(a, s) for a in self.study.arms for s in seeds if not place.has(a, s)]
        require(not missing, f"{place.path}: {len(missing)} trainings are still to be done")
        self.outcomes: dict[str, list[Outcome]] = {
            arm: [place.outcome(arm, seed) for seed in seeds] for arm in self.study.arms
        }
        predicted = {a: [place.probabilities(a, seed) for seed in seeds] for a in self.study.arms}
        labels = np.array(self.test["labels"])
        self.results: list[ArmResult] = compare(self.study, labels, predicted)
        self.groups = studied_groups(place, by, predicted) if by else None

    @property
    def title(self) -> str:
        return self.study.name or "Do synthetic images help?"

    @property
    def phantom(self) -> bool:
        """Whether the images called real are drawn."""
        return self.study.data.source.startswith("phantom")

    @property
    def cells(self) -> dict[str, list[str]]:
        """Below `HEADS`, by arm."""
        return {
            result.arm: [
                *(with_interval(result.scores[name], DIGITS) for name in SCORES),
                number(self.uncalibrated_ece(result.arm), DIGITS),
            ]
            for result in self.results
        }

    def confusion(self, arm: str) -> np.ndarray:
        """Counts summed over the seeds, (classes, classes)."""
        return np.sum([outcome.confusion for outcome in self.outcomes[arm]], axis=0)

    def uncalibrated_ece(self, arm: str) -> float:
        return float(np.mean([o.uncalibrated["ece"] for o in self.outcomes[arm]]))


def write_report(place: StudyDirectory, by: str = "") -> Findings:
    """Write the four files beside the outcomes, each in one step; with subgroups also theirs.

    Args:
        by: column of the data whose values make subgroups of the test images.

    Raises:
        InputError: when the study is not finished, or for an unknown column.
    """
    findings = Findings(place, by)
    picture = differences_figure(findings.results, findings.study.primary_metric)
    markdown = _report(findings, "report.md.jinja", "differences.png")
    write_bytes(place.path / "differences.png", picture)
    write_text(place.path / "results.csv", csv_text(csv_rows(findings)))
    if findings.groups:
        write_text(place.path / "subgroups.csv", csv_text(group_rows(findings.groups)))
    write_text(place.path / "report.md", markdown)
    write_text(place.path / "report.html", _report(findings, "report.html", data_url(picture)))
    return findings


def csv_rows(findings: Findings) -> list[dict]:
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


def group_rows(groups: StudiedGroups) -> list[dict]:
    """One row for each arm, value and score."""
    return [
        {"arm": arm, groups.column: value, "images": groups.counts[value], "score": name}
        | asdict(score)
        for arm, values in groups.scores.items()
        for value, scores in values.items()
        for name, score in scores.items()
    ]


def sentences(findings: Findings) -> list[str]:
    """What the study found, an arm a sentence."""
    primary, seeds = findings.study.primary_metric, findings.study.seeds
    said = []
    if seeds == 1:
        said.append("One seed: how much trainings differ is in no interval; take five or more.")
    elif seeds < ENOUGH_SEEDS:
        said.append(f"Only {seeds} seeds: take {ENOUGH_SEEDS} or more before you believe it.")
    for result in findings.results:
        if result.decisive is None:
            continue
        alone, together = result.differences[primary], result.decisive
        said.append(
            f"{result.arm}: {result.verdict} ({SCORES[primary].title} "
            f"{number(alone.value, DIGITS, '+')}, 95 % {_span(alone)}; for all arms together "
            f"{_span(together)})"
        )
    if groups := findings.groups:
        said += [*groups.refused, *group_sentences(list(groups.gaps.values()))]
    return said


def _span(figure: Figure) -> str:
    return interval(figure.low, figure.high, DIGITS, "+")


def protocol(findings: Findings) -> list[str]:
    """What the figures depend on, a line each."""
    study, test = findings.study, findings.test
    outcomes = [findings.outcomes[arm][0] for arm in study.arms]
    counts = ", ".join(
        f"{o.arm}: {o.n_train}" + (f" ({o.synthetic} synthetic)" if o.synthetic else "")
        for o in outcomes
    )
    subsample = ", ".join(f"{name}: {count}" for name, count in study.subsample)
    return [
        f"data: {public_name(study.data.source)}; classes {', '.join(test['classes'])}",
        f"test: {len(test['names'])} real images, SHA-256 {test['sha256'][:16]}, split "
        f"{test['split'][:16]}; no patient and no near-duplicate is on both sides",
        "validation: real images in every arm, for early stopping and the temperature",
        f"training images: {counts}",
        *([f"training images kept of subsampled classes: {subsample}"] if subsample else []),
        f"classifier: {study.classifier.name}, {study.classifier.network.image_shape[0]} px, "
        f"class weights {'on' if study.classifier.class_weights else 'off'}; as many updates "
        "between two validations in every arm",
        *[
            f"generator {a.name}: {a.experiment.name}, {a.experiment.model.image_shape[0]} px, "
            + (f"{a.updates} updates" if a.updates else f"{a.experiment.epochs} epochs")
            + ", a new one for each seed, on the training part only"
            for a in study.generators
        ],
        f"seeds: {study.seeds}; intervals 95 %, {study.replicates} resamples of test images "
        "within each class and of seeds, paired; verdicts hold for all arms together (Bonferroni)",
        *(["labels were shuffled: no arm can win"] if study.shuffle_labels else []),
        *study.deviations,
    ]


def _report(findings: Findings, template: str, picture: str) -> str:
    return render(
        f"downstream/{template}",
        findings=findings,
        heads=HEADS,
        sentences=sentences(findings),
        protocol=protocol(findings),
        picture=picture,
        baseline=REAL,
    )
