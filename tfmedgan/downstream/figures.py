"""The pictures of a study: what each arm gains or loses, also against how good images look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfmedgan.classifiers.score_list import Score
from tfmedgan.downstream.comparison import BETTER, UNDECIDED, WORSE, ArmResult
from tfmedgan.reporting.charts import BLUE, GREEN, GREY, ORANGE, encoded, panels

COLOURS = {BETTER: GREEN, WORSE: ORANGE, UNDECIDED: GREY}
KINDS = {"with masks": (BLUE, "o"), "masks by U-Net": (ORANGE, "D")}


def differences_figure(
    results: list[ArmResult], primary_metric: str, scores: Mapping[str, Score]
) -> bytes:
    """PNG: each arm's difference from real images alone in the score that decides."""
    compared = [(result, result.decisive) for result in reversed(results) if result.decisive]
    figure, (axis,) = panels(1, (7, 1.1 + 0.45 * len(compared)))
    for place, (result, wide) in enumerate(compared):
        narrow = result.differences[primary_metric]
        colour = COLOURS[result.verdict]
        axis.plot([wide.low, wide.high], [place, place], color=colour, linewidth=1)
        axis.plot([narrow.low, narrow.high], [place, place], color=colour, linewidth=4)
        axis.plot(narrow.value, place, "o", color=colour, markeredgecolor="white")
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(range(len(compared)), [result.arm for result, _ in compared])
    axis.set_ylim(-0.6, len(compared) - 0.4)
    score = scores[primary_metric]
    axis.set_xlabel(
        f"{score.title} less that of real images alone ({score.better} is better);\n"
        "thick: 95 %, thin: 95 % for all arms together"
    )
    return encoded(figure)


@dataclass(frozen=True)
class Point:
    """A source of synthetic images: its KID, and the Dice of a U-Net that saw nothing else."""

    name: str
    kid: float
    dice: float
    reach: tuple[float, float] | None  # below and above the Dice; None: one seed
    kind: str = "with masks"  # one of KINDS


def dice_against_kid(points: Sequence[Point], real: float | None) -> Any:
    """A figure: each source a point, and a line at the Dice of real images alone."""
    figure, (axis,) = panels(1, (6.4, 4.2))
    for kind, (colour, marker) in KINDS.items():
        of_kind = [point for point in points if point.kind == kind]
        for point in of_kind:
            error = None if point.reach is None else [[point.reach[0]], [point.reach[1]]]
            axis.errorbar(
                point.kid, point.dice, error, fmt=marker, color=colour, capsize=3, markersize=6
            )
            axis.annotate(
                point.name, (point.kid, point.dice), xytext=(6, 5), textcoords="offset points",
                fontsize=8,
            )  # fmt: skip
        if of_kind:
            axis.plot([], [], marker, color=colour, label=f"synthetic only, {kind}")
    if real is not None:
        axis.axhline(real, color=GREY, linestyle="--", linewidth=1, label="real images alone")
    axis.set_xlabel("KID of the images, held-out reals (lower is better)")
    axis.set_ylabel("Dice on real test images")
    axis.margins(x=0.18, y=0.12)
    axis.legend(frameon=False, fontsize=8)
    return figure
