"""What tfmedgan-study prints: a table of reported figures beside means, or the same as JSON."""

from rich.table import Table

from tfmedgan.reporting.formatting import MISSING, with_interval
from tfmedgan.reproduction.formatting import cell_text, columns, metric_title, seeds_in_words
from tfmedgan.reproduction.summary import Summary

MOST_COLUMNS = 6  # beside each other


def tables(summaries: list[Summary]) -> list[Table]:
    """Rich tables: the results of each table, and its comparisons where it has some."""
    found = []
    for summary in summaries:
        found.append(_results(summary))
        if summary.comparisons:
            found.append(_comparisons(summary))
    return found


def _results(summary: Summary) -> Table:
    title = f"{summary.table.key}: {summary.table.title}"
    caption = f"{seeds_in_words(summary.seeds)}; reported and reproduced are of different protocols"
    if any("within ±" in cell.verdict for line in summary.lines for cell in line.cells.values()):
        caption = seeds_in_words(summary.seeds)
    result = Table(title=title, title_justify="left", caption=caption, caption_justify="left")
    if len(columns(summary)) > MOST_COLUMNS:
        return _by_metric(summary, result)
    result.add_column("")
    for metric, kind in columns(summary):
        result.add_column(f"{metric_title(metric)}, {kind}", style="red" if kind != "here" else "")
    for line in summary.lines:
        cells = (cell_text(line.cells[metric], kind) for metric, kind in columns(summary))
        result.add_row(line.label, *cells)
    return result


def _by_metric(summary: Summary, result: Table) -> Table:
    """A line for each metric of each row: what is too wide for a terminal is long instead."""
    for name in ("", "metric", "reported", "here"):
        result.add_column(name)
    for line in summary.lines:
        for number, metric in enumerate(summary.table.metrics):
            cell = line.cells[metric]
            figures = cell_text(cell, "reported"), cell_text(cell, "here")
            last = number + 1 == len(summary.table.metrics)
            label = "" if number else line.label
            result.add_row(label, metric_title(metric), *figures, end_section=last)
    return result


def _comparisons(summary: Summary) -> Table:
    result = Table("", "metric", "difference, paired", "here", "document", "")
    for c in summary.comparisons:
        difference = with_interval(c.difference, sign="+")
        names = f"{c.row} against {c.baseline}", metric_title(c.metric)
        result.add_row(*names, difference, c.here, c.document or MISSING, c.agreement)
    return result


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
