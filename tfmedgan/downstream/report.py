"""A study's report: report.md, report.html, results.csv and its pictures."""

from dataclasses import asdict
from typing import Any

from tfmedgan.downstream.classifier_findings import Findings
from tfmedgan.downstream.config import REAL
from tfmedgan.downstream.directory import MaskStudyDirectory, StudyDirectory
from tfmedgan.downstream.figures import differences_figure
from tfmedgan.downstream.subgroups import StudiedGroups
from tfmedgan.downstream.unet_findings import MaskFindings
from tfmedgan.files import csv_text, write_bytes, write_text
from tfmedgan.reporting.pages import data_url, render


def write_report(place: StudyDirectory | MaskStudyDirectory, by: str = "") -> Any:
    """Write the files beside the outcomes, each in one step.

    Args:
        by: column of the data whose values make subgroups of a classifier's test images.

    Raises:
        InputError: when the study is not finished, or for an unknown column.
    """
    findings = findings_of(place, by)
    path, primary = place.path, findings.study.primary_metric
    pictures = {"differences": differences_figure(findings.results, primary, findings.scores)}
    pictures |= findings.pictures
    beside = {name: f"{name}.png" for name in pictures}
    inside = {name: data_url(content) for name, content in pictures.items()}
    for name, content in pictures.items():
        write_bytes(path / f"{name}.png", content)
    write_text(path / "results.csv", csv_text(csv_rows(findings)))
    if findings.groups:
        write_text(path / "subgroups.csv", csv_text(group_rows(findings.groups)))
    for page, template, links in (
        ("report.md", "report.md.jinja", beside), ("report.html", "report.html", inside)
    ):  # fmt: skip
        given = {"findings": findings, "pictures": links, "baseline": REAL}
        write_text(path / page, render(f"downstream/{template}", **given))
    return findings


def findings_of(place: StudyDirectory | MaskStudyDirectory, by: str = "") -> Any:
    """What is known of a finished study."""
    return MaskFindings(place) if isinstance(place, MaskStudyDirectory) else Findings(place, by)


def csv_rows(findings: Any) -> list[dict]:
    """One row for each arm and score: mean, interval, difference from real images alone."""
    primary = findings.study.primary_metric
    return [
        {
            "arm": result.arm,
            "score": name,
            **asdict(score),
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
