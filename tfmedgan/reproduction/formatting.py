"""What reports say of a table, in the same words in Markdown, HTML and the terminal."""

from tfmedgan.classifiers.score_list import DERIVED, SCORES
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.reporting.formatting import MISSING, number, with_interval
from tfmedgan.reproduction.authenticity import TITLES as OF_PROJECTIONS
from tfmedgan.reproduction.summary import Cell, Summary
from tfmedgan.run_directory import LOSSES, OUTPUTS
from tfmedgan.segmentation.scores import SCORES as OF_MASKS

CLASSIFICATION = {name: score.title for name, score in (SCORES | DERIVED).items()}

MASKS = {name: score.title for name, score in OF_MASKS.items()}


def metric_title(metric: str) -> str:
    """The title of a figure of any kind of table."""
    own = LOSSES | OUTPUTS | CLASSIFICATION | MASKS | OF_PROJECTIONS
    return own.get(metric) or title_of(metric)


def seeds_text(count: int) -> str:
    return f"{count} seeds" if count != 1 else "1 seed, so no interval over seeds"


def columns(summary: Summary) -> list[tuple[str, str]]:
    """(metric, "reported" or "here") of each column of the table."""
    return [
        (metric, kind)
        for metric in summary.table.metrics
        for kind in ("reported", "here")
        if kind == "here" or any(line.cells[metric].reported for line in summary.lines)
    ]


def cell_text(cell: Cell, kind: str) -> str:
    """What stands in a cell of the table."""
    if kind == "reported":
        return (cell.reported.printed or number(cell.reported.value)) if cell.reported else MISSING
    return with_interval(cell.mean)


def verdicts(summary: Summary) -> dict[str, list[str]]:
    """What is said of reported figures and of absent ones, with the cells it is said of."""
    said: dict[str, dict[str, list[str]]] = {}  # by sentence and row the metrics
    for line in summary.lines:
        for metric, cell in line.cells.items():
            for text in filter(None, (cell.verdict, cell.note)):
                said.setdefault(text, {}).setdefault(line.label, []).append(metric_title(metric))
    return {text: _joined(rows, len(summary.lines)) for text, rows in said.items()}


def _joined(metrics: dict[str, list[str]], n_rows: int) -> list[str]:
    """Rows with the same metrics together; metrics alone where they are those of all rows."""
    rows: dict[str, list[str]] = {}
    for label, titles in metrics.items():
        rows.setdefault(", ".join(titles), []).append(label)
    return [
        titles if len(labels) == n_rows else f"{titles} of {'; '.join(labels)}"
        for titles, labels in rows.items()
    ]


def protocol_line(protocol: dict) -> str:
    """A protocol on one line, the metrics first, digests shortened."""
    metrics = ", ".join(map(metric_title, protocol["metrics"]))
    rest = (f"{k.replace('_', ' ')} {_short(v)}" for k, v in protocol.items() if k != "metrics")
    return f"{metrics}: {'; '.join(rest)}"


def _short(value) -> str:
    if isinstance(value, list):
        return "×".join(map(str, value))
    digest = isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")
    return value[:12] if digest else str(value) or MISSING
