"""Tables that are read off trainings: train or go on, then read off the cells."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from tfmedgan.errors import Diverged
from tfmedgan.papers.reported import Table
from tfmedgan.reproduction import synthesis, training_curve
from tfmedgan.reproduction.jobs import Job
from tfmedgan.reproduction.material import prepared
from tfmedgan.reproduction.plan import Cell, Stage, stages
from tfmedgan.reproduction.results import Result
from tfmedgan.reproduction.study import Study
from tfmedgan.run_directory import RunDirectory

READERS: dict[str, Callable] = {
    "synthesis": synthesis.measure,
    "training_curve": training_curve.measure,
}
LOOK = 15.0  # seconds of a measurement and of starting a training, beside which trainings count


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """What is left of these tables; seed by seed, so that what is done first is complete."""
    done = study.results.done()
    found = []
    planned = stages(study, tables)
    for seed in range(study.plan.seeds):
        for stage in planned:
            cells = [c for c in stage.cells if (c.table.key, c.row.label, seed) not in done]
            if cells:
                run = partial(_run, study, replace(stage, cells=cells), seed)
                found.append(Job(_words(cells, seed), _seconds(stage, planned), run))
    return found


def _words(cells: list[Cell], seed: int) -> str:
    keys = dict.fromkeys(f"{cell.table.key}, {cell.row.label}" for cell in cells)
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
    try:
        run = trained(study, stage, seed)
    except Diverged as error:
        return _without_values(stage, seed, f"the training failed: {error}")
    results = []
    for kind, reader in READERS.items():
        cells = [cell for cell in stage.cells if cell.table.kind == kind]
        if cells:
            results += reader(study, run, seed, cells)
    return results


def _without_values(stage: Stage, seed: int, reason: str) -> list[Result]:
    return [
        Result(cell.table.key, cell.row.label, seed, metric, None,
               run=f"{stage.run}-seed-{seed}", epochs=cell.epochs, note=reason)
        for cell in stage.cells
        for metric in cell.table.metrics
    ]  # fmt: skip


def trained(study: Study, stage: Stage, seed: int) -> RunDirectory:
    """The run after the epochs of the stage: found, gone on with, or begun."""
    from tfmedgan.training import resume, train

    experiment = replace(stage.experiment, seed=seed)
    path = study.runs / f"{stage.run}-seed-{seed}"
    done = len(RunDirectory.open(path).history()) if path.exists() else 0
    if done > experiment.epochs:
        if all(cell.table.kind == "training_curve" for cell in stage.cells):
            return RunDirectory.open(path)  # the log holds its beginning, too
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
