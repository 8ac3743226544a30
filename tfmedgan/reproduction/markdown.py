"""A study as Markdown: each table reported beside reproduced, and what it rests on."""

from collections.abc import Callable, Iterator

from tfmedgan.reporting.formatting import MISSING, markdown_table, number, with_interval
from tfmedgan.reproduction import figures
from tfmedgan.reproduction.formatting import metric_title
from tfmedgan.reproduction.sample_strips import grey_in_words, grey_rows
from tfmedgan.reproduction.study import Study
from tfmedgan.reproduction.summary import Comparison, Summary

Picture = Callable[[str, bytes], str]  # (name, PNG) → link
READING = (
    "Means over seeds with 95 % intervals of Student's t over the seeds; all seeds and rows of a "
    'table share one split of the images. "Better" and "worse" are said only where the interval of '
    "the difference, paired by seed, excludes zero; the intervals are not corrected for the number "
    "of comparisons. A document's figure is one run without an interval."
)


def markdown(study: Study, summaries: list[Summary], picture: Picture, real: bool = True) -> str:
    """The sections of all tables.

    Args:
        real: whether real images stand beside the samples.
    """
    sections = (_section(study, summary, picture, real) for summary in summaries)
    return "\n".join(line for section in sections for line in section)


def _section(study: Study, summary: Summary, picture: Picture, real: bool) -> Iterator[str]:
    table, provenance = summary.table, summary.provenance
    yield from (f"## {table.key}: {table.title}", "")
    yield from (f"Scale {study.plan.scale}, {seeds_in_words(summary.seeds)}.", "")
    if provenance.data.get("data set", "").startswith("phantom"):
        yield from ("**The images are a phantom: drawn, not real.**", "")
    if table.note:
        yield from (table.note, "")
    if provenance.smaller:
        yield from (f"Here {'; '.join(provenance.smaller)}.", "")
    yield from (*_results(summary), "")
    yield from _notes(summary)
    if summary.comparisons:
        yield from (*_comparisons(summary.comparisons), "")
    slug = table.key.replace("/", "-")
    chart = picture(f"{slug}.png", figures.chart(summary, "png"))
    yield from (f"![Figures of {table.key}, reported and measured]({chart})", "")
    sheet = figures.samples(study, summary, real)
    if sheet:
        link = picture(f"{slug}-samples.png", sheet)
        others = "First row real; all others synthetic" if real else "All synthetic"
        yield from (f"![Samples of each row]({link})", "")
        yield from (f"{others}, seed 0, the first samples drawn.", "")
        if grey := grey_in_words(grey_rows(study, summary)):
            yield from (f"**{grey}**", "")
    yield from _basis(summary)


def seeds_in_words(count: int) -> str:
    return f"{count} seeds" if count != 1 else "1 seed, so no interval over seeds"


def columns(summary: Summary) -> list[tuple[str, str]]:
    """(metric, "reported" or "here") of each column of the table."""
    return [
        (metric, kind)
        for metric in summary.table.metrics
        for kind in ("reported", "here")
        if kind == "here" or any(line.cells[metric].reported for line in summary.lines)
    ]


def _results(summary: Summary) -> Iterator[str]:
    shown = columns(summary)
    heads = (f"{metric_title(metric)}, {kind}" for metric, kind in shown)
    rows = (
        [line.label, *(cell_text(line.cells[metric], kind) for metric, kind in shown)]
        for line in summary.lines
    )
    return markdown_table(["", *heads], rows)


def cell_text(cell, kind: str) -> str:
    """What stands in a cell of the table."""
    if kind == "reported":
        return (cell.reported.printed or number(cell.reported.value)) if cell.reported else MISSING
    return with_interval(cell.mean)


def verdicts(summary: Summary) -> dict[str, list[str]]:
    """What is said of reported figures and of absent ones, with the cells it is said of."""
    said: dict[str, list[str]] = {}
    for line in summary.lines:
        for metric, cell in line.cells.items():
            for text in filter(None, (cell.verdict, cell.note)):
                said.setdefault(text, []).append(f"{metric_title(metric)} of {line.label}")
    return {text: _joined(cells, summary) for text, cells in said.items()}


def _joined(cells: list[str], summary: Summary) -> list[str]:
    """Metrics alone where a sentence holds for all rows."""
    metrics = list(dict.fromkeys(cell.partition(" of ")[0] for cell in cells))
    whole = len(cells) == len(metrics) * len(summary.lines)
    return metrics if whole else cells


def _notes(summary: Summary) -> Iterator[str]:
    said = verdicts(summary)
    for text, cells in said.items():
        yield f"- {', '.join(cells)}: {text}."
    if said:
        yield ""


def _comparisons(comparisons: tuple[Comparison, ...]) -> Iterator[str]:
    heads = ("", "metric", "difference here, paired by seed", "here", "document", "")
    rows = (
        (f"{c.row} against {c.baseline}", metric_title(c.metric),
         with_interval(c.difference, sign="+"), c.here, c.document or MISSING, c.agreement)
        for c in comparisons
    )  # fmt: skip
    return markdown_table(heads, rows)


def _basis(summary: Summary) -> Iterator[str]:
    provenance = summary.provenance
    yield from ("<details><summary>Protocol, data, deviations, unstated values</summary>", "")
    for protocol in summary.protocols:
        yield f"- Protocol of {protocol_words(protocol)}"
    for name, value in provenance.data.items():
        yield f"- {name}: {value}"
    yield from _list("Deviations from the document", provenance.deviations)
    yield from _list("Not stated in the document", provenance.unstated)
    yield from ("", "</details>", "")


def protocol_words(protocol: dict) -> str:
    """A protocol on one line, the metrics first, digests shortened."""
    metrics = ", ".join(map(metric_title, protocol["metrics"]))
    rest = (f"{k.replace('_', ' ')} {_short(v)}" for k, v in protocol.items() if k != "metrics")
    return f"{metrics}: {'; '.join(rest)}"


def _short(value) -> str:
    if isinstance(value, list):
        return "×".join(map(str, value))
    text = str(value)
    return text[:12] if len(text) == 64 and set(text) <= set("0123456789abcdef") else text or "–"


def _list(title: str, items: tuple[str, ...]) -> Iterator[str]:
    if items:
        yield f"- {title}:"
        yield from (f"  - {item}" for item in items)
