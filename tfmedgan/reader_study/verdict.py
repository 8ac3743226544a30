"""What the rows say, in words."""

from tfmedgan.reader_study.scores import ALL, THESE, ReaderRow
from tfmedgan.reporting.formatting import number, with_interval

TOLD, WRONG, OPEN = "told apart", "mistaken", "undecided"  # real and synthetic images
LESS, MORE = "recognised less", "recognised more"  # classes on synthetic images


def verdict(rows: list[ReaderRow], ask: str) -> tuple[str, str]:
    """A word or two, and the sentences that go with them."""
    pooled = {row.metric: row for row in rows if row.reader == ALL}
    if not pooled:
        return _of_one_reader(next(row for row in rows if row.metric == "accuracy"), ask)
    metric = "accuracy" if ask == "real" else "difference"
    word, sentence = (_of_origin if ask == "real" else _of_class)(pooled[metric])
    these = pooled[metric + THESE]
    return word, f"{sentence} Of these readers alone, for other images: {with_interval(these, 3)}."


def _of_origin(row: ReaderRow, who: str = "readers") -> tuple[str, str]:
    chance, (low, high) = row.chance or 0.0, row.ends
    figure = f"accuracy {with_interval(row, 3)}, by guessing {number(chance, 3)}"
    if low > chance:
        said = f"{who.capitalize()} told real from synthetic images more often than by guessing"
        return TOLD, f"{said}: {figure}."
    if high < chance:
        said = f"{who.capitalize()} took one for the other more often than by guessing"
        return WRONG, f"{said}: {figure}."
    said = f"It was not shown that {who} can tell real from synthetic images"
    return OPEN, f"{said}, and an accuracy of {number(high, 3)} is not excluded: {figure}."


def _of_class(row: ReaderRow) -> tuple[str, str]:
    low, high = max(row.ends[0], -1.0), min(row.ends[1], 1.0)
    figure = f"real less synthetic {with_interval(row, 3, '+')}"
    than = "often on synthetic than on real images"
    if low > 0:
        return LESS, f"Classes were recognised less {than}: {figure}."
    if high < 0:
        return MORE, f"Classes were recognised more {than}: {figure}."
    said = f"It was not shown that classes are recognised less {than}"
    return OPEN, f"{said}, and a loss of {number(max(high, 0.0), 3)} is not excluded: {figure}."


def _of_one_reader(row: ReaderRow, ask: str) -> tuple[str, str]:
    alone = "One reader says nothing of other readers."
    if ask == "class":
        return OPEN, f"{alone} Accuracy {with_interval(row, 3)}."
    word, sentence = _of_origin(row, "this reader")
    return word, f"{sentence} {alone}"
