"""What a table's trainings were made of, read from their run directories: data and deviations."""

from dataclasses import dataclass, field, replace

from tfmedgan.config import Experiment
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Table, TableRow
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.results import Result
from tfmedgan.reproduction.scaling import changes
from tfmedgan.reproduction.study import Study
from tfmedgan.run_directory import RunDirectory

SAME_METHOD = ("data.allow_missing",)  # changes that leave a figure comparable
OF_DETAIL = ("data.steps", "data.fractions", "data.allow_missing", "validation.")


@dataclass(frozen=True)
class Provenance:
    """What a reader has to know of how a table was measured."""

    deviations: tuple[str, ...] = ()  # from the document, by the scale and in general
    unstated: tuple[str, ...] = ()  # what the document leaves out
    data: dict[str, str] = field(default_factory=dict)
    smaller: tuple[str, ...] = ()  # those of the deviations that a reader has to see at once
    comparable: bool = False  # whether nothing was made smaller, and the data set is the same


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """The provenance of a table that was read off trainings."""
    rows = {row.label: row for row in table.rows}
    trained = {result.row: result for result in results if result.row in rows}
    if not trained:
        return Provenance()
    pairs, runs = [], []
    for label, result in trained.items():
        run = RunDirectory.open(study.runs / result.run)
        pairs.append((_document(rows[label]), _as_trained(run, rows[label], result.epochs)))
        runs.append(run)
    changed = changes(pairs)
    standing = [d for _, e in pairs for d in e.deviations]
    return Provenance(
        deviations=(*changed, *dict.fromkeys(standing)),
        unstated=tuple(dict.fromkeys(u for _, e in pairs for u in e.unstated)),
        data=_data(runs[0]),
        smaller=tuple(change for change in changed if not change.startswith(OF_DETAIL)),
        comparable=all(change.startswith(SAME_METHOD) for change in changed),
    )


def _document(row: TableRow) -> Experiment:
    """The document's experiment; of a training curve, as far as the row goes."""
    preset = PRESETS[row.preset]
    return replace(preset, epochs=row.epoch or preset.epochs)


def _as_trained(run: RunDirectory, row: TableRow, epochs: int) -> Experiment:
    """The run's experiment with the number of its images instead of the file of its split."""
    experiment, preset = run.experiment, PRESETS[row.preset]
    limited = preset.data.images or not experiment.data.split_file.endswith("-all.json")
    data = replace(
        experiment.data,
        source=public_name(experiment.data.source),
        split_file="",
        images=len(run.data["trained_on"]) if limited else None,
    )
    return replace(experiment, data=data, epochs=epochs)


def _data(run: RunDirectory) -> dict[str, str]:
    data = run.data
    counts = {part: numbers["all"] for part, numbers in data["counts"].items()}
    missing = data["card"].get("missing", ())
    return {
        "data set": str(data["card"].get("title", public_name(data["source"]))),
        "source": public_name(data["source"]),
        "classes": ", ".join(data["classes"]) or "none",
        "images": ", ".join(f"{part} {count}" for part, count in counts.items()),
        **({"listed but absent": str(len(missing))} if missing else {}),
        "digest of the images": data["digest"],
        "split of images": "one for all rows and seeds",
    }
