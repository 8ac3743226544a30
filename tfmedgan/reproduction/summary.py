"""A table's results beside reported figures: means, comparisons, and what they mean."""

from dataclasses import dataclass
from math import inf

from tfmedgan.papers.reported import FLOOR, ReportedFigure, Table, TableRow
from tfmedgan.reproduction.provenance import Provenance
from tfmedgan.reproduction.statistics import Mean, excludes_zero, mean, paired_difference, within
from tfmedgan.reproduction.study import Result, Study
from tfmedgan.reproduction.table_kinds import KINDS

OF_THE_DRAW = ("seed", "updates")  # what may differ in the protocol of figures that are compared
UNMEASURED = "not measured yet"
ONE_SEED = "undecided, one seed"
SIGNS = {"lower": -1, "higher": 1}


@dataclass(frozen=True)
class Cell:
    """One metric of one row: what the document has, and what was measured."""

    metric: str
    reported: ReportedFigure | None
    values: dict[int, float]  # by seed
    mean: Mean | None
    verdict: str  # confirmed, not confirmed, undecided, or not comparable and why
    note: str  # why there is no value, or what to know of it


@dataclass(frozen=True)
class Line:
    """A row of a table."""

    label: str
    cells: dict[str, Cell]  # by metric


@dataclass(frozen=True)
class Comparison:
    """A row against the baseline, paired by seed."""

    row: str
    baseline: str
    metric: str
    difference: Mean | None
    here: str  # better | worse | no difference shown | one seed | why it is not compared
    document: str  # better | worse | equal; empty where it reports nothing
    agreement: str


@dataclass(frozen=True)
class Summary:
    """Everything that a report says of a table."""

    table: Table
    lines: tuple[Line, ...]
    comparisons: tuple[Comparison, ...]
    protocols: tuple[dict, ...]
    provenance: Provenance
    seeds: int  # that all of its rows have
    plot: str


def summarise(study: Study, table: Table) -> Summary | None:
    """The summary of a table; None before its first result."""
    results = [result for result in study.results.read() if result.table == table.key]
    if not results:
        return None
    kind = KINDS[table.kind]
    provenance = kind.provenance(study, table, results)
    labels = dict.fromkeys([*study.labels_of(table), *(r.row for r in results)])
    rows = {row.label: row for row in table.rows}
    lines = tuple(_line(table, rows.get(label) or TableRow(label), results, provenance, study)
                  for label in labels)  # fmt: skip
    seeds = [len({r.seed for r in results if r.row == line.label}) for line in lines]
    return Summary(
        table, lines, tuple(_comparisons(table, lines, results, kind, study)),
        _protocols(results), provenance, min(seeds), kind.plot,
    )  # fmt: skip


def _line(table: Table, row: TableRow, results, provenance: Provenance, study: Study) -> Line:
    reported = {figure.metric: figure for figure in row.reported}
    cells = {}
    for metric in table.metrics:
        own = [r for r in results if r.row == row.label and r.metric == metric]
        values = {r.seed: r.value for r in own if r.value is not None}
        bounds = KINDS[table.kind].bounds.get(metric, (-inf, inf))
        average = within(mean(values.values()), bounds) if values else None
        verdict = _verdict(reported.get(metric), average, provenance, study)
        note = next((r.note for r in own if r.note), "" if own else UNMEASURED)
        cells[metric] = Cell(metric, reported.get(metric), values, average, verdict, note)
    return Line(row.label, cells)


def _verdict(
    figure: ReportedFigure | None, average: Mean | None, provenance: Provenance, study: Study
) -> str:
    if figure is None or average is None:
        return ""
    if figure.not_comparable:
        return f"not comparable: {figure.not_comparable}"
    if not provenance.comparable:
        return f"not comparable: scale {study.plan.scale} departs from the document"
    chosen = (
        ", with what the document leaves out chosen as listed below" if provenance.unstated else ""
    )
    return f"{confirmed(average, figure)} within ±{figure.tolerance:g}{chosen}"


def confirmed(average: Mean, figure: ReportedFigure) -> str:
    """Whether all of the interval lies within the figure's tolerance, none of it, or a part."""
    if average.low is None or average.high is None or figure.tolerance is None:
        return "undecided with one seed:"
    least, most = figure.value - figure.tolerance, figure.value + figure.tolerance
    if least <= average.low and average.high <= most:
        return "confirmed"
    apart = average.high < least or average.low > most
    return "not confirmed" if apart else "undecided, the interval is partly"


def _comparisons(table: Table, lines, results: list[Result], kind, study: Study):
    base = next((line for line in lines if line.label == table.baseline), None)
    if base is None:
        return
    own = kind.differences(study, table) if kind.differences else None
    for metric in table.compared:
        for line in lines:
            if line is not base and line.label != FLOOR and not _is_left_out(line):
                refusal = _refusal(line.label, base.label, metric, results)
                values = line.cells[metric].values, base.cells[metric].values
                paired = (
                    paired_difference(*values) if own is None else own.get((line.label, metric))
                )
                difference = None if refusal else paired
                yield _compare(line, base, metric, difference, refusal, kind.better[metric])


def _is_left_out(line: Line) -> bool:
    """Whether a row was done without any value; its notes say why."""
    cells = line.cells.values()
    return all(not cell.values and cell.note not in ("", UNMEASURED) for cell in cells)


def _compare(line: Line, base: Line, metric: str, difference, refusal, direction: str):
    document = _document_order(line.cells[metric].reported, base.cells[metric].reported, direction)
    here = refusal or _order(difference, direction)
    return Comparison(
        line.label, base.label, metric, difference, here, document, _agreement(here, document)
    )


def _order(difference: Mean | None, direction: str) -> str:
    if difference is None:
        return UNMEASURED
    if difference.low is None:
        return ONE_SEED
    if not excludes_zero(difference):
        return "no difference shown"
    return "better" if difference.value * SIGNS[direction] > 0 else "worse"


def _document_order(
    figure: ReportedFigure | None, base: ReportedFigure | None, direction: str
) -> str:
    if figure is None or base is None:
        return ""
    if figure.value == base.value:
        return "equal"
    return "better" if (figure.value - base.value) * SIGNS[direction] > 0 else "worse"


def _agreement(here: str, document: str) -> str:
    if not document or here not in ("better", "worse", "no difference shown"):
        return ""
    if here == "no difference shown":
        return "undecided"
    return "as in the document" if here == document else "contrary to the document"


def _refusal(row: str, base: str, metric: str, results: list[Result]) -> str:
    """Why two rows cannot be compared; empty if they can."""
    ours, theirs = (
        [
            r.protocol
            for r in results
            if (r.row, r.metric) == (label, metric) and r.value is not None
        ][:1]
        for label in (row, base)
    )
    if not ours or not theirs:
        return ""
    keys = (ours[0].keys() | theirs[0].keys()) - set(OF_THE_DRAW)
    unequal = sorted(key for key in keys if ours[0].get(key) != theirs[0].get(key))
    return f"not compared: protocols differ in {', '.join(unequal)}" if unequal else ""


def _protocols(results: list[Result]) -> tuple[dict, ...]:
    """The different protocols of a table, each with the metrics that it belongs to."""
    by_content: dict[str, dict] = {}
    for result in results:
        if result.value is None:
            continue
        kept = {k: v for k, v in result.protocol.items() if k not in OF_THE_DRAW}
        if result.row == FLOOR:  # of other halves with each seed
            kept["reference_digest"] = "another with each seed"
        entry = by_content.setdefault(repr(sorted(kept.items(), key=str)), {"metrics": {}, **kept})
        entry["metrics"][result.metric] = None
    return tuple({**entry, "metrics": list(entry["metrics"])} for entry in by_content.values())
