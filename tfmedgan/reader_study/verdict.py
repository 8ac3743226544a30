"""What the rows say, in words."""

from tfmedgan.reader_study.scores import ALL, ReaderRow
from tfmedgan.reporting.formatting import number, with_interval

TOLD, WRONG, OPEN = "told apart", "mistaken", "undecided"  # real and synthetic images
LESS, MORE = "recognised less", "recognised more"  # classes on synthetic images


def verdict(rows: list[ReaderRow], ask: str) -> tuple[str, str]:
    """A word or two, and the sentence that goes with them."""
    metric = "accuracy" if ask == "real" else "difference"
    pooled = [row for row in rows if row.metric == metric and row.reader == ALL]
    if ask == "class":
        return _of_classes(pooled)
    row = pooled[0] if pooled else next(row for row in rows if row.metric == "accuracy")
    low, high, chance = row.low or 0.0, 1.0 if row.high is None else row.high, row.chance or 0.0
    who = "Readers" if pooled else "This reader"
    figure = f"accuracy {with_interval(row, 3)}, by guessing {number(chance, 3)}"
    if low > chance:
        word, said = TOLD, f"{who} told real from synthetic images more often than by guessing"
    elif high < chance:
        word, said = WRONG, f"{who} took one for the other more often than by guessing"
    else:
        word = OPEN
        said = f"It was not shown that {'readers' if pooled else 'this reader'} can tell real from "
        said += f"synthetic images, and an accuracy of {number(high, 3)} is not excluded"
    return word, f"{said}: {figure}.{_scope(bool(pooled))}"


def _of_classes(pooled: list[ReaderRow]) -> tuple[str, str]:
    if not pooled:
        return OPEN, "One reader: see the figures; they say nothing of other readers."
    row = pooled[0]
    low, high = (-1.0 if row.low is None else row.low), (1.0 if row.high is None else row.high)
    figure = f"real less synthetic {with_interval(row, 3, '+')}"
    than = "often on synthetic than on real images"
    if low > 0:
        return LESS, f"Classes were recognised less {than}: {figure}."
    if high < 0:
        return MORE, f"Classes were recognised more {than}: {figure}."
    return OPEN, (
        f"It was not shown that classes are recognised less {than}, "
        f"and a loss of {number(max(high, 0.0), 3)} is not excluded: {figure}."
    )


def _scope(pooled: bool) -> str:
    return "" if pooled else " One reader says nothing of other readers."
