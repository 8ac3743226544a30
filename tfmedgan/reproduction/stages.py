"""Which trainings tables need: equal ones are one, and the shorter is a part of the longer."""

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path

from tfmedgan.config import Experiment
from tfmedgan.errors import require
from tfmedgan.papers.reported import Table, TableRow
from tfmedgan.reproduction.material import experiment_of
from tfmedgan.reproduction.scaling import scaled_epochs, what_trains
from tfmedgan.reproduction.study import Study


@dataclass(frozen=True)
class Cell:
    """A row of a table, and the number of epochs after which it is read off its training."""

    table: Table
    row: TableRow
    epochs: int


@dataclass
class Stage:
    """A training after so many epochs, and the cells that are read off it then."""

    run: str  # name of the run directory, without the seed
    experiment: Experiment
    cells: list[Cell]


def stages(study: Study, tables: list[Table]) -> list[Stage]:
    """Trainings that differ in their length only are one, looked at several times.

    A training curve needs no look before its end: all of it is in the log.

    Raises:
        InputError: when rows of a table would be the same training.
    """
    names: dict[str, str] = {}
    by_length: dict[tuple[str, int], Stage] = {}
    for table in tables:
        experiments = [_for_row(study, table, row) for row in table.rows]
        _check_differ(study, table, experiments)
        longest = max(e.epochs for e in experiments)
        for row, experiment in zip(table.rows, experiments, strict=True):
            run = names.setdefault(_digest(experiment), _name(experiment))
            epochs = longest if table.kind == "training_curve" else experiment.epochs
            stage = Stage(run, replace(experiment, epochs=epochs), [])
            cell = Cell(table, row, experiment.epochs)
            by_length.setdefault((run, epochs), stage).cells.append(cell)
    order = list(dict.fromkeys(names.values()))
    return sorted(by_length.values(), key=lambda s: (order.index(s.run), s.experiment.epochs))


def _for_row(study: Study, table: Table, row: TableRow) -> Experiment:
    experiment = experiment_of(study, table, row)
    if not row.epoch:
        return experiment
    return replace(experiment, epochs=scaled_epochs(row.epoch, study.scale_of(table)))


def _check_differ(study: Study, table: Table, experiments: list[Experiment]) -> None:
    seen: dict[tuple, str] = {}
    for row, experiment in zip(table.rows, experiments, strict=True):
        same = seen.setdefault((_digest(experiment), experiment.epochs, row.view), row.label)
        require(
            same == row.label,
            f"{table.key}: {same} and {row.label} would be the same training on these images at "
            f"scale {study.plan.scale}; give more images",
        )


def _digest(experiment: Experiment) -> str:
    data = what_trains(experiment)
    data["data"] = {**data["data"], "split_file": Path(experiment.data.split_file).name}
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _name(experiment: Experiment) -> str:
    return f"{experiment.name.rpartition('/')[2]}-{_digest(experiment)[:6]}"
