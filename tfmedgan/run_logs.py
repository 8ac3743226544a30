"""Logs of a run: rows of CSV and of JSON lines, read whole and added to one by one."""

import csv
import json
from pathlib import Path

from tfmedgan.errors import InputError, require
from tfmedgan.files import csv_text


def json_lines(path: Path) -> list[tuple[str, dict]]:
    """Lines of a log and what they hold; none if there is no file, and without one cut short."""
    if not path.exists():
        return []
    try:
        rows = [(line, json.loads(line)) for line in path.read_text().split("\n")[:-1]]
    except ValueError as error:
        raise InputError(f"{path}: is no whole log; restore it from a backup") from error
    require(
        all(isinstance(row, dict) and isinstance(row.get("step"), int) for _, row in rows),
        f"{path}: its lines are not those of a log; restore it from a backup",
    )
    return rows


def append_line(path: Path, row: dict) -> None:
    """Add a row to a log of JSON lines."""
    with open(path, "a") as file:
        file.write(json.dumps(row) + "\n")


def read_rows(path: Path, columns: tuple[str, ...] = ("epoch",)) -> list[dict]:
    """Rows of a log as numbers; none if there is no file, and without a row cut short."""
    if not path.exists():
        return []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if None not in row.values()]
        numbers = [{k: int(v) if v.isdigit() else float(v) for k, v in r.items()} for r in rows]
    except (ValueError, AttributeError, csv.Error) as error:
        raise InputError(f"{path}: is no whole log; restore it from a backup") from error
    require(
        all(set(columns) <= row.keys() for row in numbers),
        f"{path}: its columns are not those of a log; restore it from a backup",
    )
    return numbers


def append_row(path: Path, row: dict) -> None:
    """Add a row to a log, below a header if it is the first; else what the header names of it."""
    new = not path.exists() or not path.stat().st_size
    if not new:  # a run of an earlier version may have fewer columns
        header = path.read_text().partition("\n")[0].split(",")
        row = {name: row[name] for name in header}
    text = csv_text([row])
    with open(path, "a") as file:
        file.write(text if new else text.split("\n", 1)[1])
