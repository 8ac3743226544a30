"""Tables that are read off trainings: train or go on, read the cells, and say what was trained."""

import shutil
from dataclasses import replace
from functools import partial

from tfmedgan.config import Experiment
from tfmedgan.errors import Diverged
from tfmedgan.files import file_sha256
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import FLOOR, Table, TableRow
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction import authenticity, synthesis
from tfmedgan.reproduction.material import prepared
from tfmedgan.reproduction.provenance import Provenance, changes, data_facts
from tfmedgan.reproduction.stages import Cell, Stage, stages
from tfmedgan.reproduction.study import Job, Result, Study
from tfmedgan.run_directory import RunDirectory

LOOK = 15.0  # seconds of a measurement and of starting a training, beside which trainings count
SAME_METHOD = ("data.allow_missing", "precision")  # changes that leave a figure comparable
OF_DETAIL = ("data.steps", "data.fractions", "data.allow_missing", "validation.", "precision")


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """What is left of these tables; seed by seed, so that what is done first is complete."""
    left = study.cells_left(tables)
    planned = stages(study, tables)
    todo = []
    for seed in range(study.plan.seeds):
        for table in tables:
            if (table.key, FLOOR, seed) in left:
                run = partial(synthesis.floor, study, table, _baseline(planned, table), seed)
                what, cell = f"{table.key}, {FLOOR}, seed {seed}", (table.key, FLOOR, seed)
                todo.append(Job(what, LOOK, run, frozenset({cell})))
        for stage in planned:
            cells = [c for c in stage.cells if (c.table.key, c.row.label, seed) in left]
            if cells:
                run = partial(_run, study, replace(stage, cells=cells), seed)
                work, keys = (
                    _seconds(stage, planned),
                    {(c.table.key, c.row.label, seed) for c in cells},
                )
                place = f"{stage.run}-seed-{seed}"
                todo.append(Job(_job_name(cells, seed), work, run, frozenset(keys), place))
    return todo


def _baseline(planned: list[Stage], table: Table) -> Experiment:
    """The experiment of the row that others are compared with, or of the first."""
    label = table.baseline or table.rows[0].label
    return next(
        stage.experiment
        for stage in planned
        for cell in stage.cells
        if (cell.table, cell.row.label) == (table, label)
    )


def _job_name(cells: list[Cell], seed: int) -> str:
    keys = dict.fromkeys(f"{cell.table.key}, {cell.row.label}" for cell in cells)
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{next(iter(keys))}{more}, seed {seed}"


def _seconds(stage: Stage, planned: list[Stage]) -> float:
    """From the images that pass through the networks; the factor was measured on two cores."""
    shorter = [s.experiment.epochs for s in planned if s.run == stage.run]
    begun = max((e for e in shorter if e < stage.experiment.epochs), default=0)
    experiment, model = stage.experiment, stage.experiment.model
    images = len(prepared(experiment.data).parts["train"])
    federation = experiment.federation
    updates = model.steps_per_epoch(images, experiment.batch_size)
    if federation:
        updates = federation.local_steps * (1 if federation.only else federation.number)
    passes = updates * model.images_per_step(experiment.batch_size)
    width = getattr(model, "ngf", 64) * getattr(model, "ndf", 64)
    cost = passes * model.image_shape[0] ** 2 * (0.1 + width / 64**2) * 3e-6
    return LOOK + cost * (stage.experiment.epochs - begun)


def _run(study: Study, stage: Stage, seed: int) -> list[Result]:
    try:
        run = trained(study, stage, seed)
    except Diverged as error:
        return _without_values(stage, seed, f"the training failed: {error}")
    by_kind: dict[str, list[Cell]] = {}
    for cell in stage.cells:
        by_kind.setdefault(cell.table.kind, []).append(cell)
    results = _curve(run, seed, by_kind.get("training_curve", []))
    if "authenticity" in by_kind:
        results += authenticity.measure(study, run, seed, by_kind["authenticity"])
    if "synthesis" in by_kind:
        results += synthesis.measure(study, run, seed, by_kind["synthesis"])
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
    from tfmedgan.federated.runs import finish

    experiment = replace(stage.experiment, seed=seed)
    path = study.runs / f"{stage.run}-seed-{seed}"
    done = len(RunDirectory.open(path).history()) if path.exists() else 0
    if done > experiment.epochs:
        if all(cell.table.kind == "training_curve" for cell in stage.cells):
            return RunDirectory.open(path)  # the log holds its beginning, too
        path = study.runs / f"{stage.run}-epochs-{experiment.epochs}-seed-{seed}"
    elif done and not RunDirectory(path).checkpoints.exists():
        shutil.rmtree(path)  # what a record keeps of a run; the same seed trains the same again
    return finish(experiment, path, prepared(experiment.data), progress=not study.quiet)


def _curve(run: RunDirectory, seed: int, cells: list[Cell]) -> list[Result]:
    """The means that the log has for each cell's epoch."""
    history, experiment = run.history(), run.experiment
    protocol = {
        "log": "mean over the epoch",
        "batch_size": experiment.batch_size,
        "images": len(run.data["trained_on"]),
        "reference_digest": run.data["digest"],
        "image_size": list(experiment.model.image_shape),
    }
    return [
        Result(cell.table.key, cell.row.label, seed, metric, history[cell.epochs - 1][metric],
               protocol=protocol, run=run.path.name, epochs=cell.epochs)
        for cell in cells
        for metric in cell.table.metrics
    ]  # fmt: skip


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Read from the directories of the runs."""
    rows = {row.label: row for row in table.rows}
    by_row = {result.row: result for result in results if result.row in rows}
    if not by_row:
        return Provenance()
    runs = [RunDirectory.open(study.runs / result.run) for result in by_row.values()]
    pairs = [
        (_document(rows[label]), _as_trained(run, rows[label], result.epochs))
        for run, (label, result) in zip(runs, by_row.items(), strict=True)
    ]
    changed = changes(pairs)
    return Provenance(
        deviations=(*changed, *dict.fromkeys(d for _, e in pairs for d in e.deviations)),
        unstated=tuple(dict.fromkeys(u for _, e in pairs for u in e.unstated)),
        data=data_facts(runs[0].data) | _logs(study, results),
        smaller=tuple(change for change in changed if not change.startswith(OF_DETAIL)),
        comparable=all(change.startswith(SAME_METHOD) for change in changed),
    )


def _logs(study: Study, results: list[Result]) -> dict[str, str]:
    """What figures were read off, so that each can be traced to its training."""
    paths = [study.runs / name for name in dict.fromkeys(r.run for r in results if r.run)]
    logs = [(path.name, RunDirectory(path).metrics_csv) for path in paths]
    digests = [f"{name} {file_sha256(log)[:12]}" for name, log in logs if log.is_file()]
    return {"trainings, with the digests of their logs": ", ".join(digests)}


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
