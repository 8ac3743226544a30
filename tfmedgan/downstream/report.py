"""A study's report: report.md, results.csv, differences.png and report.html."""

import base64
import json
from importlib.resources import files
from pathlib import Path

import numpy as np

from tfmedgan.classifiers.scores import NAMES
from tfmedgan.downstream.comparison import ArmResult, Figure, compare
from tfmedgan.downstream.config import REAL, DownstreamStudy
from tfmedgan.downstream.figures import differences_figure
from tfmedgan.downstream.run import Outcome, StudyDirectory
from tfmedgan.errors import require
from tfmedgan.files import csv_text, write_bytes, write_text

SHOWN = ("accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "auroc",
         "auprc", "brier", "ece")  # fmt: skip

ENOUGH_SEEDS = 5


class Findings:
    """Everything that the reports say, read from a study's folder."""

    def __init__(self, place: StudyDirectory):
        origin = str(place.study_path)
        require(place.study_path.is_file(), f"{place.path}: not the folder of a study")
        self.study = DownstreamStudy.from_json(place.study_path.read_text(), origin)
        self.test = test_record(place)
        self.machine = json.loads((place.path / "environment.json").read_text())
        seeds = range(self.study.seeds)
        missing = [(a, s) for a in self.study.arms for s in seeds if not place.has(a, s)]
        require(not missing, f"{place.path}: {len(missing)} trainings are still to be done")
        self.outcomes: dict[str, list[Outcome]] = {
            arm: [place.outcome(arm, seed) for seed in seeds] for arm in self.study.arms
        }
        found = {a: [place.probabilities(a, seed) for seed in seeds] for a in self.study.arms}
        labels = np.array(self.test["labels"])
        self.results: list[ArmResult] = compare(self.study, labels, found)

    def confusion(self, arm: str) -> np.ndarray:
        """Counts summed over the seeds, (classes, classes)."""
        return np.sum([outcome.confusion for outcome in self.outcomes[arm]], axis=0)

    def uncalibrated_ece(self, arm: str) -> float:
        return float(np.mean([o.uncalibrated["ece"] for o in self.outcomes[arm]]))


def test_record(place: StudyDirectory) -> dict:
    """Which images every arm was tested on."""
    return json.loads((place.path / "test.json").read_text())


def write_report(place: StudyDirectory) -> Findings:
    """Write the four files beside the outcomes, each in one step.

    Raises:
        InputError: when the study is not finished.
    """
    findings = Findings(place)
    picture = differences_figure(findings.results, findings.study.primary_metric)
    write_bytes(place.path / "differences.png", picture)
    write_text(place.path / "results.csv", csv_text(csv_rows(findings)))
    write_text(place.path / "report.md", markdown(findings))
    write_text(place.path / "report.html", _page(findings, picture))
    return findings


def csv_rows(findings: Findings) -> list[dict]:
    """One row for each arm and score: mean, interval, difference from real images alone."""
    rows = []
    for result in findings.results:
        for name in NAMES:
            score, other = result.scores[name], result.differences.get(name)
            blank = Figure("", "", "") if other is None else other
            rows.append(
                {
                    "arm": result.arm, "score": name, "value": score.value,
                    "low": score.low, "high": score.high, "difference": blank.value,
                    "difference_low": blank.low, "difference_high": blank.high,
                    "verdict": result.verdict if name == findings.study.primary_metric else "",
                }
            )  # fmt: skip
    return rows


def sentences(findings: Findings) -> list[str]:
    """What the study found, an arm a sentence."""
    title, seeds, found = findings.study.primary_metric.upper(), findings.study.seeds, []
    if seeds == 1:
        found.append("One seed: how much trainings differ is in no interval; take five or more.")
    elif seeds < ENOUGH_SEEDS:
        found.append(f"Only {seeds} seeds: take {ENOUGH_SEEDS} or more before you believe it.")
    for result in findings.results:
        if result.decisive is None:
            continue
        alone, together = result.differences[findings.study.primary_metric], result.decisive
        found.append(
            f"{result.arm}: {result.verdict} ({title} {alone.value:+.3f}, 95 % {_span(alone)}; for "
            f"all arms together {_span(together)})"
        )
    return found


def _span(figure: Figure) -> str:
    return f"{figure.low:+.3f} to {figure.high:+.3f}"


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
        f"data: {_public(study.data.source)}; classes {', '.join(test['classes'])}",
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


def markdown(findings: Findings) -> str:
    """The report as Markdown."""
    study = findings.study
    title = study.name or "Do synthetic images help?"
    phantom = study.data.source.startswith("phantom")
    lines = [f"# {title}", ""]
    lines += ["The images are a phantom: drawn, not real.", ""] if phantom else []
    lines += [f"- {sentence}" for sentence in sentences(findings)]
    lines += ["", *arms_table(findings), "", "![differences](differences.png)", ""]
    lines += ["Confusion, summed over the seeds (rows true, columns predicted):", ""]
    for arm in study.arms:
        lines.append(f"- {arm}: {findings.confusion(arm).tolist()}")
    lines += ["", "Protocol:", "", *[f"- {line}" for line in protocol(findings)], ""]
    return "\n".join(lines)


def arms_table(findings: Findings) -> list[str]:
    """Arms below each other, scores beside each other, as a Markdown table."""
    head = ["arm", *[_title(name) for name in SHOWN], "ECE before temperature"]
    lines = [_line(head), _line(["---"] * len(head))]
    for result in findings.results:
        cells = [_cell(result.scores[name]) for name in SHOWN]
        before = f"{findings.uncalibrated_ece(result.arm):.3f}"
        lines.append(_line([result.arm, *cells, before]))
    return lines


def _page(findings: Findings, picture: bytes) -> str:
    from jinja2 import Environment

    template = files("tfmedgan.downstream").joinpath("report.html").read_text()
    return Environment(autoescape=True).from_string(template).render(
        title=findings.study.name or "Do synthetic images help?",
        phantom=findings.study.data.source.startswith("phantom"),
        sentences=sentences(findings),
        heads=[_title(name) for name in SHOWN],
        rows=[
            (r.arm, [_cell(r.scores[n]) for n in SHOWN], findings.uncalibrated_ece(r.arm))
            for r in findings.results
        ],
        classes=findings.test["classes"],
        confusions=[(arm, findings.confusion(arm).tolist()) for arm in findings.study.arms],
        protocol=protocol(findings),
        machine=findings.machine,
        picture=base64.b64encode(picture).decode(),
        baseline=REAL,
    )  # fmt: skip


def _cell(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def _title(name: str) -> str:
    short = name in ("auroc", "auprc", "ece", "f1")
    return name.upper() if short else name.replace("_", " ")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _public(source: str) -> str:
    """The source without the folder it lies in."""
    if source.startswith("manifest:"):
        return ":".join(source.split(":")[:2])
    return source if source.startswith(("phantom:", "tfds:")) else Path(source).name
