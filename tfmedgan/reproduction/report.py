"""The reports of a study: report.md, results.csv and report.html, all from one summary."""

from pathlib import Path

from tfmedgan.files import csv_text, read_json_if_there, write_bytes, write_text
from tfmedgan.reporting.pages import data_url, render
from tfmedgan.reproduction import figures, markdown
from tfmedgan.reproduction.formatting import metric_title
from tfmedgan.reproduction.sample_strips import grey_in_words, grey_rows
from tfmedgan.reproduction.study import Study
from tfmedgan.reproduction.summary import Summary, summarise


def write_reports(study: Study) -> dict[str, Path]:
    """Write the three reports and the figures of the first beside the results."""
    summaries = summaries_of(study)
    paths = {name: study.path / name for name in ("report.md", "results.csv", "report.html")}
    write_text(paths["report.md"], _markdown(study, summaries))
    write_text(paths["results.csv"], csv_text(csv_rows(study, summaries)))
    write_text(paths["report.html"], html(study, summaries))
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
            "reported": cell.reported.value if cell.reported else "",
            "where": cell.reported.where if cell.reported else "",
            "mean": cell.mean.value if cell.mean else "",
            "low": _or_empty(cell.mean and cell.mean.low),
            "high": _or_empty(cell.mean and cell.mean.high),
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


def _or_empty(value: float | None):
    return "" if value is None else value


def machine_words(study: Study) -> str:
    """Processor and versions, on one line."""
    machine = read_json_if_there(study.path / "environment.json")
    if "processors" not in machine:  # nor in folders of earlier versions
        return "not recorded"
    packages = ("tensorflow", "keras", "numpy", "tfmedgan")
    words = (
        f"processor {machine['processor']}",
        f"cores {machine['processors']}",
        f"GPU {', '.join(machine['gpus']) or 'none'}",
        f"Python {machine['python']}",
        *(f"{name} {machine[name]}" for name in packages),
    )
    return ", ".join(words)


def _markdown(study: Study, summaries: list[Summary]) -> str:
    folder = study.path / "figures"
    folder.mkdir(exist_ok=True)

    def picture(name: str, content: bytes) -> str:
        write_bytes(folder / name, content)
        return f"figures/{name}"

    head = f"# {study.plan.document}, scale {study.plan.scale}: reported beside reproduced\n\n"
    basis = f"{markdown.READING}\n\nMachine: {machine_words(study)}.\n\n"
    return head + basis + markdown.markdown(study, summaries, picture) + "\n"


def html(study: Study, summaries: list[Summary]) -> str:
    """One page that holds all its pictures and asks nothing of any network."""
    return render(
        "reproduction/report.html",
        study=study,
        machine=machine_words(study),
        reading=markdown.READING,
        sections=[_section(study, summary) for summary in summaries],
        title=metric_title,
        cell=markdown.cell_text,
        protocol=markdown.protocol_words,
        seeds=markdown.seeds_in_words,
    )


def _section(study: Study, summary: Summary) -> dict:
    sheet = figures.samples(study, summary)
    return {
        "s": summary,
        "columns": markdown.columns(summary),
        "verdicts": markdown.verdicts(summary),
        "chart": data_url(figures.chart(summary, "svg"), "svg"),
        "samples": data_url(sheet) if sheet else "",
        "grey": grey_in_words(grey_rows(study, summary)),
        "phantom": summary.provenance.data.get("data set", "").startswith("phantom"),
    }
