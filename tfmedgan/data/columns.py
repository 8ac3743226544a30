"""Values of a column that come with images: of a manifest's tables, or of a folder's labels.csv."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

from tfmedgan.data.records import ImageSet, Record
from tfmedgan.data.sources import open_source
from tfmedgan.data.sources.csv_rows import rows_of
from tfmedgan.errors import require

NONE = "(none)"  # the value of images without one
TABLE = "labels.csv"  # of a folder; its first column names the images


def column_values(source: str, column: str, option: str = "--by") -> dict[str, str]:
    """The value of each image by the image's name; images without one are left out.

    Args:
        source: SOURCE of the command line.
        option: that the column was given with, for the error.

    Raises:
        InputError: for a column that does not come with these images, naming those that do.
    """
    images = open_source(source, allow_missing=True, skip_bad=True)
    values = {record.name: dict(record.columns) for record in images.records}
    if not any(values.values()):
        values = _beside(source, images)
    known = list(dict.fromkeys(name for row in values.values() for name in row))
    there = f"it has: {', '.join(known)}" if known else (
        f"it has none; a manifest names them under `columns`, a folder has them in {TABLE}"
    )  # fmt: skip
    require(column in known, f"{option} {column}: {source} has no column {column}; {there}")
    return {name: row[column] for name, row in values.items() if row.get(column)}


def values_of(source: str, column: str, names: Sequence[str]) -> np.ndarray:
    """The value of each of the named images, text (n,).

    Raises:
        InputError: as `column_values`.
    """
    known = column_values(source, column)
    return np.array([known.get(name) or NONE for name in names])


def _beside(source: str, images: ImageSet) -> dict[str, dict[str, str]]:
    """The columns of the labels.csv in a folder of images."""
    path = Path(source).expanduser() / TABLE
    if not path.is_file():
        return {}
    rows = dict(_rows(path))
    alike: dict[str, list[str]] = {}  # rows by the name of their file, also without its extension
    for key in rows:
        for name in _file_names(key):
            alike.setdefault(name, []).append(key)

    def row_of(record: Record) -> dict[str, str]:
        if record.name in rows:
            return rows[record.name]
        keys = next((alike[name] for name in _file_names(record.name) if name in alike), [])
        require(
            len(keys) < 2,
            f"{path}: {' and '.join(keys[:2])} could both be {record.name}; write names as they "
            "stand in the folder",
        )
        return rows[keys[0]] if keys else {}

    return {record.name: row_of(record) for record in images.records}


def _file_names(path: str) -> tuple[str, ...]:
    """The name of a file, and that without its extension."""
    pure = PurePosixPath(path)
    return tuple(dict.fromkeys((pure.name, pure.stem)))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The first value of each row, and the others by column."""
    for _, row, _ in rows_of(path, ()):
        (_, first), *others = row.items() or [("", "")]
        yield first, dict(others)
