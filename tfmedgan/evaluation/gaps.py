"""The largest difference of a figure between subgroups, and what is said of it."""

from dataclasses import asdict, dataclass

from tfmedgan.evaluation.intervals import LEVEL, Figure
from tfmedgan.reporting.formatting import number


@dataclass(frozen=True)
class Gap:
    """Between the value of a column with the least and the one with the largest figure."""

    estimate: str
    title: str
    column: str
    lower: str
    higher: str
    values: tuple[float, float]
    difference: Figure  # of the lower less the higher; for all that were compared together

    @property
    def named(self) -> bool:
        return self.difference.high < 0

    def __str__(self) -> str:
        low, high = (number(value, 3) for value in self.values)
        d = self.difference
        return (
            f"{'Subgroup gap: ' if self.named else ''}{self.title} {low} for "
            f"{self.column}={self.lower}, {high} for {self.column}={self.higher}, difference "
            f"{number(d.value, 3, '+')} ({number(d.low, 3, '+')} to {number(d.high, 3, '+')})"
        )

    def to_dict(self) -> dict:
        return asdict(self) | {"named": self.named}


def largest(gaps: list[Gap]) -> Gap:
    """The largest of the gaps that are named; of all, where none is.

    The largest of all may be that of a value with few images, of which nothing can be said.
    """
    return min([gap for gap in gaps if gap.named] or gaps, key=lambda gap: gap.difference.value)


def joint_level(values: int, figures: int) -> float:
    """Level of intervals that hold for all pairs of values and all figures together."""
    return 1 - (1 - LEVEL) / max(values * (values - 1) // 2 * figures, 1)


def named(gaps: list[Gap]) -> list[str]:
    """The gaps whose interval excludes zero."""
    return [str(gap) for gap in gaps if gap.named]


def sentences(gaps: list[Gap]) -> list[str]:
    """The gaps that are there or, without any, how large they may be."""
    if named(gaps) or not gaps:
        return named(gaps)
    return [f"Subgroups by {gaps[0].column}: no gap shown. Largest: {'; '.join(map(str, gaps))}"]
