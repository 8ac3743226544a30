"""The reports of a study: report.md, results.csv and report.html, all from one summary."""

from collections.abc import Callable
from pathlib import Path

from tfmedgan.files import csv_text, write_bytes, write_text
from tfmedgan.reporting.formatting import with_interval
from tfmedgan.reporting.pages import data_url, render
from tfmedgan.reproduction import figures, formatting
from tfmedgan.reproduction.machines import machines
from tfmedgan.reproduction.sample_strips import (
    grey_rows,
    grey_sentence,
    real_strip,
    strips_of,
)
from tfmedgan.reproduction.study import Study
from tfmedgan.reproduction.summary import Summary, summarise

READING = (
    "Means over seeds with 95 % intervals of Student's t over the seeds; all seeds and rows of a "
    'table share one split of the images. "Better" and "worse" are said only where the interval of '
    "the difference, paired by seed, excludes zero; the intervals are not corrected for the number "
    "of comparisons. A document's figure is one run without an interval."
)
Link = Callable[[str, bytes], str]  # (name of a picture, content) → its address in the report


def write_reports(study: Study) -> dict[str, Path]:
    """Write the three reports and the figures of the first beside the results."""
    summaries = summaries_of(study)
    paths = {name: study.path / name for name in ("report.md", "results.csv", "report.html")}
    (study.path / "figures").mkdir(exist_ok=True)

    def figure(name: str, content: bytes) -> str:
        write_bytes(study.path / "figures" / name, content)
        return f"figures/{name}"

    def inside(name: str, content: bytes) -> str:
        return data_url(content, name.rpartition(".")[2])

    write_text(paths["report.md"], _report(study, summaries, "report.md.jinja", figure))
    write_text(paths["results.csv"], csv_text(csv_rows(study, summaries)))
    write_text(paths["report.html"], _report(study, summaries, "report.html", inside, "svg"))
    return paths


def summaries_of(study: Study) -> list[Summary]:
    """One for each table that has results."""
    summaries = (summarise(study, table) for table in study.tables)
    return [summary for summary in summaries if summary]


def csv_rows(study: Study, summaries: list[Summary]) -> list[dict]:
    """A row for each metric of each row of each table."""
    return [
        {
            "table": summary.table.key,
            "row": line.label,
            "metric": metric,
            "reported": cell.reported and cell.reported.value,
            "where": cell.reported and cell.reported.where,
            "mean": cell.mean and cell.mean.value,
            "low": cell.mean and cell.mean.low,
            "high": cell.mean and cell.mean.high,
            "seeds": len(cell.values),
            "values": ";".join(repr(value) for _, value in sorted(cell.values.items())),
            "verdict": cell.verdict,
            "note": cell.note,
            "scale": study.plan.scale,
        }
        for summary in summaries
        for line in summary.lines
        for metric, cell in line.cells.items()
    ]


def _report(study: Study, summaries: list[Summary], template: str, link: Link, form="png") -> str:
    return render(
        f"reproduction/{template}",
        title=f"{study.plan.document}, scale {study.plan.scale}: reported beside reproduced",
        machine=machines(study),
        reading=READING,
        sections=[section(study, summary, link, form) for summary in summaries],
    )


def section(study: Study, summary: Summary, link: Link, form="png", real: bool = True) -> dict:
    """What reports say of a table.

    Args:
        form: of the chart, png or svg.
        real: whether real images stand beside the samples, where any were kept.
    """
    real = real and real_strip(study, strips_of(study, summary)).exists()
    shown, slug = formatting.columns(summary), summary.table.key.replace("/", "-")
    sheet = figures.samples(study, summary, real)
    others = "First row real; all others synthetic" if real else "All synthetic"
    return {
        "table": summary.table,
        "provenance": summary.provenance,
        "machine": machines(study, summary.table.key),
        "extent": f"Scale {study.plan.scale}, {formatting.seeds_text(summary.seeds)}",
        "phantom": summary.provenance.data.get("data set", "").startswith("phantom"),
        "heads": [(f"{formatting.metric_title(metric)}, {kind}", kind) for metric, kind in shown],
        "rows": {
            line.label: [(formatting.cell_text(line.cells[m], kind), kind) for m, kind in shown]
            for line in summary.lines
        },
        "verdicts": formatting.verdicts(summary),
        "comparisons": [
            (c, formatting.metric_title(c.metric), with_interval(c.difference, sign="+"))
            for c in summary.comparisons
        ],
        "protocols": [formatting.protocol_line(protocol) for protocol in summary.protocols],
        "chart": link(f"{slug}.{form}", figures.chart(summary, form)),
        "samples": link(f"{slug}-samples.png", sheet) if sheet else "",
        "legend": f"{others}, seed 0, the first samples drawn.",
        "grey": grey_sentence(grey_rows(study, summary)) if sheet else "",
    }
