"""Rows of an evaluation as a table, and beside those of an earlier one."""

from dataclasses import asdict

from tfmedgan.cli.tables import Table
from tfmedgan.errors import InputError
from tfmedgan.evaluation.rows import Row, difference
from tfmedgan.reporting.formatting import interval, number


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


def tables(entries: list[dict]) -> list[Table]:
    """One of all images together, and one of each class."""
    whole = [entry for entry in entries if _classes(entry) == "all"]
    parts = [entry for entry in entries if _classes(entry) != "all"]
    return [_whole(whole)] + ([_by_class(parts)] if parts else [])


def _whole(entries: list[dict]) -> Table:
    compared = any("difference" in entry for entry in entries)
    head = ["metric", "value", "95 % interval", *(["difference"] if compared else [])]
    rows = [
        [_metric(entry), number(entry["value"]), interval(entry["low"], entry["high"])]
        + ([number(entry["difference"])] if compared else [])
        for entry in entries
    ]
    return Table(head, rows, caption=_caption([entry["protocol"] for entry in entries]))


def _by_class(entries: list[dict]) -> Table:
    values = {(_metric(entry), _classes(entry)): entry["value"] for entry in entries}
    metrics, classes = (list(dict.fromkeys(names)) for names in zip(*values, strict=True))
    caption = "intervals are in rows.jsonl"
    if len(metrics) > len(classes):  # the longer list goes down, where there is room
        rows = [[m, *(number(values.get((m, name))) for name in classes)] for m in metrics]
        return Table(["metric", *classes], rows, caption=caption, heads_are_names=True)
    rows = [[name, *(number(values.get((m, name))) for m in metrics)] for name in classes]
    return Table(["class", *metrics], rows, caption=caption, heads_are_names=True)


def _metric(entry: dict) -> str:
    """The metric's name without that of its features, which the caption has."""
    return entry["metric"].removesuffix(f"_{entry['protocol']['extractor']}")


def _classes(entry: dict) -> str:
    return ", ".join(entry["protocol"]["classes"])


def _caption(protocols: list[dict]) -> str:
    """What all rows share."""
    first = protocols[0]
    networks = {p["extractor"]: p["features"] for p in protocols if p["features"]}
    features = "; ".join(f"features: {length}, {name}" for name, length in networks.items())
    return (
        f"{first['n_fake']} generated against {first['n_real']} real images "
        f"({first['reference']})\n{features or 'no features: pixels'}"
    )
