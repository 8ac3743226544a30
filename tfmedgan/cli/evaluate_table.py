"""Rows of an evaluation as a table, and beside those of an earlier one."""

from dataclasses import asdict

from tfmedgan.errors import InputError
from tfmedgan.evaluation.rows import Row, difference


def with_differences(rows: list[Row], baseline: list[Row]) -> list[dict]:
    """Rows as dictionaries; `difference` from the last row of the same metric and class, if any.

    Raises:
        InputError: when protocols differ, or when the baseline has none of the metrics.
    """
    entries = [asdict(row) for row in rows]
    if not baseline:
        return entries
    earlier = {(row.metric, row.protocol.classes): row for row in baseline}
    common = [row for row in rows if (row.metric, row.protocol.classes) in earlier]
    if not common:
        raise InputError(
            f"--compare: none of {', '.join(sorted({row.metric for row in rows}))} is in it; "
            "it holds " + ", ".join(sorted({row.metric for row in baseline}))
        )
    for entry, row in zip(entries, rows, strict=True):
        other = earlier.get((row.metric, row.protocol.classes))
        entry["difference"] = None if other is None else difference(row, other)
    return entries


def tables(entries: list[dict]) -> list:
    """Rich tables: one of all images together, and one with a column for each class."""
    whole = [entry for entry in entries if _classes(entry) == "all"]
    parts = [entry for entry in entries if _classes(entry) != "all"]
    return [_whole(whole)] + ([_by_class(parts)] if parts else [])


def _whole(entries: list[dict]):
    from rich.table import Table

    compared = any("difference" in entry for entry in entries)
    result = Table(caption=_caption(entries[0]["protocol"]), caption_justify="left")
    result.add_column("metric", overflow="fold")
    result.add_column("value", justify="right", no_wrap=True)
    result.add_column("95 % interval", justify="right", no_wrap=True)
    if compared:
        result.add_column("difference", justify="right")
    for entry in entries:
        cells = [entry["metric"], _number(entry["value"]), _interval(entry)]
        result.add_row(*cells, *([_number(entry["difference"])] if compared else []))
    return result


def _by_class(entries: list[dict]):
    from rich.table import Table

    classes = list(dict.fromkeys(map(_classes, entries)))
    values = {(entry["metric"], _classes(entry)): entry["value"] for entry in entries}
    result = Table("metric", caption="values per class; intervals are in rows.jsonl")
    for name in classes:
        result.add_column(name, justify="right", overflow="fold")
    for metric in dict.fromkeys(entry["metric"] for entry in entries):
        result.add_row(metric, *(_number(values.get((metric, name))) for name in classes))
    return result


def _classes(entry: dict) -> str:
    return ", ".join(entry["protocol"]["classes"])


def _caption(protocol: dict) -> str:
    return (
        f"{protocol['n_fake']} generated against {protocol['n_real']} real images "
        f"({protocol['reference']}), features {protocol['extractor']}"
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"


def _interval(entry: dict) -> str:
    if entry["low"] is None:
        return ""
    return f"{_number(entry['low'])} … {_number(entry['high'])}"
