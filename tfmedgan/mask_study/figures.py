"""The picture behind the question: what a U-Net gains, against how good the images look by KID."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfmedgan.reporting.charts import BLUE, GREY, ORANGE, encoded, panels

KINDS = {"with masks": (BLUE, "o"), "masks by U-Net": (ORANGE, "D")}


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


def encoded_dice_against_kid(points: Sequence[Point], real: float | None) -> bytes:
    """PNG of `dice_against_kid`."""
    return encoded(dice_against_kid(points, real))
