"""Tables that are read off trainings: which trainings they need, shared where they are equal."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tfmedgan.config import Experiment
from tfmedgan.configuration import encode
from tfmedgan.errors import require
from tfmedgan.reproduction import course, synthesis
from tfmedgan.reproduction.jobs import Job
from tfmedgan.reproduction.material import experiment_of, prepared
from tfmedgan.reproduction.results import Result
from tfmedgan.reproduction.scaling import LABELS, scaled_epochs
from tfmedgan.reproduction.study import Study
from tfmedgan.run_directory import RunDirectory
from tfmedgan.studies.claims import Table, TableRow

READERS: dict[str, Callable] = {"synthesis": synthesis.measure, "course": course.measure}
LOOK = 15.0  # seconds of a measurement and of starting a training, beside which trainings count


@dataclass
class Stage:
    """A training after so many epochs, and the cells of tables that are read off it then."""

    run: str  # name of the run directory, without the seed
    experiment: Experiment
    cells: list[tuple[Table, TableRow]]


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """What is left of these tables; seed by seed, so that what is done first is complete."""
    done = study.results.done()
    found = []
    planned = stages(study, tables)
    for seed in range(study.plan.seeds):
        for stage in planned:
            cells = [c for c in stage.cells if (c[0].key, c[1].label, seed) not in done]
            if cells:
                run = partial(_run, study, replace(stage, cells=cells), seed)
                found.append(Job(_words(cells, seed), _seconds(stage, planned), run))
    return found


def stages(study: Study, tables: list[Table]) -> list[Stage]:
    """Trainings that differ in their length only are one, looked at several times.

    Raises:
        InputError: when rows of a table would be the same training.
    """
    names: dict[str, str] = {}
    found: dict[tuple[str, int], Stage] = {}
    for table in tables:
        for row in table.rows:
            experiment = _for_row(study, table, row)
            run = names.setdefault(_digest(experiment), _name(experiment))
            stage = found.setdefault((run, experiment.epochs), Stage(run, experiment, []))
            _check_differs(study, stage, table, row)
            stage.cells.append((table, row))
    order = list(dict.fromkeys(names.values()))
    return sorted(found.values(), key=lambda s: (order.index(s.run), s.experiment.epochs))


def _for_row(study: Study, table: Table, row: TableRow) -> Experiment:
    experiment = experiment_of(study, table, row)
    if not row.epoch:
        return experiment
    return replace(experiment, epochs=scaled_epochs(row.epoch, study.scale_of(table)))


def _check_differs(study: Study, stage: Stage, table: Table, row: TableRow) -> None:
    same = [other.label for found, other in stage.cells if found.key == table.key]
    require(
        not same,
        f"{table.key}: {', '.join(same)} and {row.label} would be the same training on these "
        f"images at scale {study.plan.scale}; give more images",
    )


def _digest(experiment: Experiment) -> str:
    """Equal for experiments that train the same, whatever their length."""
    data = {k: v for k, v in encode(experiment).items() if k not in (*LABELS, "epochs")}
    data["data"] = {**data["data"], "split_file": Path(experiment.data.split_file).name}
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _name(experiment: Experiment) -> str:
    return f"{experiment.name.rpartition('/')[2]}-{_digest(experiment)[:6]}"


def _words(cells: list, seed: int) -> str:
    keys = dict.fromkeys(f"{table.key}, {row.label}" for table, row in cells)
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{next(iter(keys))}{more}, seed {seed}"


def _seconds(stage: Stage, planned: list[Stage]) -> float:
    """From the images that pass through the networks; the factor was measured on two cores."""
    shorter = [s.experiment.epochs for s in planned if s.run == stage.run]
    begun = max((e for e in shorter if e < stage.experiment.epochs), default=0)
    experiment, model = stage.experiment, stage.experiment.model
    images = len(prepared(experiment.data).parts["train"])
    updates = model.steps_per_epoch(images, experiment.batch_size)
    passes = updates * model.images_per_step(experiment.batch_size)
    width = getattr(model, "ngf", 64) * getattr(model, "ndf", 64)
    cost = passes * model.image_shape[0] ** 2 * (0.1 + width / 64**2) * 3e-6
    return LOOK + cost * (stage.experiment.epochs - begun)


def _run(study: Study, stage: Stage, seed: int) -> list[Result]:
    run = trained(study, stage, seed)
    results = []
    for kind, reader in READERS.items():
        cells = [(table, row) for table, row in stage.cells if table.kind == kind]
        if cells:
            results += reader(study, run, stage.experiment.epochs, seed, cells)
    return results


def trained(study: Study, stage: Stage, seed: int) -> RunDirectory:
    """The run after exactly the epochs of the stage: found, gone on with, or begun."""
    from tfmedgan.training import resume, train

    experiment = replace(stage.experiment, seed=seed)
    path = study.runs / f"{stage.run}-seed-{seed}"
    if path.exists() and len(RunDirectory.open(path).history()) > experiment.epochs:
        path = study.runs / f"{stage.run}-epochs-{experiment.epochs}-seed-{seed}"
    options = {"data": prepared(experiment.data), "progress": not study.quiet}
    if not path.exists():
        train(experiment, path, **options)
    elif not _finished(RunDirectory.open(path), experiment.epochs):
        resume(path, epochs=experiment.epochs, **options)
    return RunDirectory.open(path)


def _finished(run: RunDirectory, epochs: int) -> bool:
    stopped = run.summary.get("stopped")
    early = bool(stopped) and stopped != "on request"
    return bool(run.summary) and (early or len(run.history()) == epochs)
