"""What tfmedgan-study prints: a table of reported figures beside means, or the same as JSON."""

from tfmedgan.cli.tables import Table
from tfmedgan.reporting.formatting import MISSING, with_interval
from tfmedgan.reproduction.formatting import cell_text, columns, metric_title, seeds_text
from tfmedgan.reproduction.summary import Summary


def tables(summaries: list[Summary], width: int) -> list[Table]:
    """The results of each table, and its comparisons where it has some.

    Args:
        width: of the terminal; where the metrics have no room beside each other, each is a line.
    """
    made = []
    for summary in summaries:
        beside = _results(summary)
        made.append(beside if beside.least_width(1) <= width else _by_metric(summary))
        if summary.comparisons:
            made.append(_comparisons(summary))
    return made


def _results(summary: Summary) -> Table:
    shown = columns(summary)
    rows = [
        [line.label, *(cell_text(line.cells[metric], kind) for metric, kind in shown)]
        for line in summary.lines
    ]
    head = ["", *(f"{metric_title(metric)}, {kind}" for metric, kind in shown)]
    styles = ["", *("red" if kind != "here" else "" for _, kind in shown)]
    return Table(head, rows, *_title_and_caption(summary), styles=styles)


def _by_metric(summary: Summary) -> Table:
    rows = [
        ["" if number else line.label, metric_title(metric)]
        + [cell_text(line.cells[metric], kind) for kind in ("reported", "here")]
        for line in summary.lines
        for number, metric in enumerate(summary.table.metrics)
    ]
    head = ("", "metric", "reported", "here")
    return Table(head, rows, *_title_and_caption(summary), names=2, styles=("", "", "red", ""))


def _title_and_caption(summary: Summary) -> tuple[str, str]:
    caption = seeds_text(summary.seeds)
    if not any("within ±" in c.verdict for line in summary.lines for c in line.cells.values()):
        caption += "; reported and reproduced are of different protocols"
    return f"{summary.table.key}: {summary.table.title}", caption


def _comparisons(summary: Summary) -> Table:
    rows = [
        (f"{c.row} against {c.baseline}", metric_title(c.metric),
         with_interval(c.difference, sign="+"), c.here, c.document or MISSING, c.agreement)
        for c in summary.comparisons
    ]  # fmt: skip
    return Table(("", "metric", "difference, paired", "here", "document", ""), rows)


def entries(summaries: list[Summary]) -> list[dict]:
    """One object for each metric of each row; `value` is the mean over seeds."""
    return [
        {
            "table": summary.table.key,
            "row": line.label,
            "metric": metric,
            "value": cell.mean and cell.mean.value,
            "low": cell.mean and cell.mean.low,
            "high": cell.mean and cell.mean.high,
            "seeds": len(cell.values),
            "reported": cell.reported and cell.reported.value,
            "verdict": cell.verdict,
            "note": cell.note,
            "protocol": next((p for p in summary.protocols if metric in p["metrics"]), None),
        }
        for summary in summaries
        for line in summary.lines
        for metric, cell in line.cells.items()
    ]
