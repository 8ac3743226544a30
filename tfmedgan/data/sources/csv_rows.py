"""The rows of a CSV file that lists images, read strictly."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

from tfmedgan.errors import InputError, require

SEPARATORS = {"semicolons": ";", "tabs": "\t", "bars": "|"}

Row = tuple[int, dict[str, str], int]  # line, values by column, values if more than columns


def columns_of(path: Path) -> list[str]:
    """The names in the first line.

    Raises:
        InputError: for what cannot be read as CSV in UTF-8.
    """
    return next(_records(path), (0, []))[1]


def rows_of(path: Path, wanted: Collection[str]) -> Iterator[Row]:
    """Line number, row, and the number of values where they are more than the columns, else 0.

    Blanks around names and values, and empty rows, are dropped.

    Raises:
        InputError: for what is no CSV file in UTF-8, wanted columns that are absent or there twice.
    """
    records = _records(path)
    header = next(records, (0, []))[1]
    _check_columns(path, header, wanted)
    for line, values in records:
        if any(values):
            row = dict(zip(header, values, strict=False))
            too_many = len(values) if any(values[len(header) :]) else 0
            yield line, dict.fromkeys(header, "") | row, too_many


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The number of the last line of each record, and its values."""
    line = 0
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            for values in reader:
                line = reader.line_num
                yield line, [value.strip() for value in values]
    except csv.Error:
        raise InputError(
            f"{path}: after line {line}: not CSV; look for a quotation mark that is not closed"
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not in UTF-8; save it as 'CSV UTF-8'") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _check_columns(path: Path, header: list[str], wanted: Collection[str]) -> None:
    absent = [repr(column) for column in wanted if column not in header]
    require(not absent, f"{path}: no column {', '.join(absent)}; {what_is_there(header)}")
    for column in wanted:
        require(header.count(column) < 2, f"{path}: column {column!r} is there twice; rename one")


def what_is_there(header: list[str]) -> str:
    """The columns, for a message that misses one, and a guess at what separates them."""
    there = ", ".join(repr(column) for column in header if column) or "none"
    marks = [name for name, mark in SEPARATORS.items() if mark in "".join(header)]
    hint = f"; columns seem to be separated by {marks[0]}, save it with commas" if marks else ""
    return f"it has: {there}{hint}"
