"""A study as Markdown: each table reported beside reproduced, and what it rests on."""

from collections.abc import Callable, Iterator

from tfmedgan.reproduction import figures
from tfmedgan.reproduction.formatting import metric_title, number, signed, with_interval
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
    found = []
    for metric in summary.table.metrics:
        if any(line.cells[metric].reported for line in summary.lines):
            found.append((metric, "reported"))
        found.append((metric, "here"))
    return found


def _results(summary: Summary) -> Iterator[str]:
    heads = [f"{metric_title(m)}, {'reported' if kind == 'reported' else 'here'}"
             for m, kind in columns(summary)]  # fmt: skip
    yield _line("", *heads)
    yield _line("---", *("---" for _ in heads))
    for line in summary.lines:
        yield _line(line.label, *(cell_text(line.cells[m], kind) for m, kind in columns(summary)))


def cell_text(cell, kind: str) -> str:
    """What stands in a cell of the table."""
    if kind == "reported":
        return (cell.reported.printed or number(cell.reported.value)) if cell.reported else "–"
    return with_interval(cell.mean)


def verdicts(summary: Summary) -> dict[str, list[str]]:
    """What is said of reported figures and of absent ones, with the cells it is said of."""
    found: dict[str, list[str]] = {}
    for line in summary.lines:
        for metric, cell in line.cells.items():
            for text in filter(None, (cell.verdict, cell.note)):
                found.setdefault(text, []).append(f"{metric_title(metric)} of {line.label}")
    return {text: _joined(cells, summary) for text, cells in found.items()}


def _joined(cells: list[str], summary: Summary) -> list[str]:
    """Metrics alone where a sentence holds for all rows."""
    metrics = list(dict.fromkeys(cell.partition(" of ")[0] for cell in cells))
    whole = len(cells) == len(metrics) * len(summary.lines)
    return metrics if whole else cells


def _notes(summary: Summary) -> Iterator[str]:
    found = verdicts(summary)
    for text, cells in found.items():
        yield f"- {', '.join(cells)}: {text}."
    if found:
        yield ""


def _comparisons(comparisons: tuple[Comparison, ...]) -> Iterator[str]:
    yield _line("", "metric", "difference here, paired by seed", "here", "document", "")
    yield _line(*["---"] * 6)
    for c in comparisons:
        difference = signed(c.difference) if c.difference else "–"
        names = f"{c.row} against {c.baseline}", metric_title(c.metric)
        yield _line(*names, difference, c.here, c.document or "–", c.agreement)


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


def _line(*cells) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
