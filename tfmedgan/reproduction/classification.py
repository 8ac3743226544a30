"""Kind "classification": classifiers trained on real images, a row each."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from tfmedgan.classifiers import CLASSIFIERS, ClassifierExperiment
from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.steps import adapted
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Table, TableRow
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.downstream import with_rates
from tfmedgan.reproduction.jobs import Job
from tfmedgan.reproduction.material import (
    chosen_classes,
    opened_source,
    prepared,
    whole_split,
)
from tfmedgan.reproduction.provenance import Provenance
from tfmedgan.reproduction.results import Result
from tfmedgan.reproduction.scaling import scaled
from tfmedgan.reproduction.study import Study

SECONDS = 60.0  # of a training, roughly


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """One for each row and seed that is left."""
    done, found = study.results.done(), []
    for table in tables:
        data = _data(study, table)
        for seed in range(study.plan.seeds):
            for row in table.rows:
                if (table.key, row.label, seed) not in done:
                    run = partial(_run, study, table, row, data, seed)
                    found.append(Job(f"{table.key}, {row.label}, seed {seed}", SECONDS, run))
    return found


def _data(study: Study, table: Table) -> DataConfig:
    """Real images and their one split, for all rows and seeds; steps are the rows' own."""
    scale = study.scale_of(table)
    config = DataConfig(
        source=study.plan.source or scale.source or _document_source(table),
        fractions=scale.fractions or (0.70, 0.15, 0.15),
        allow_missing=study.plan.allow_missing or scale.allow_missing,
    )
    found = opened_source(config.source, config.allow_missing)
    config = replace(config, classes=chosen_classes(found, table))
    return replace(config, split_file=str(whole_split(study, config)))


def _document_source(table: Table) -> str:
    """That of the document's generators."""
    sources = (e.data.source for n, e in PRESETS.items() if n.startswith(f"{table.document}/"))
    return next(sources)


def experiment_of(
    study: Study, table: Table, row: TableRow, data: DataConfig, seed: int
) -> ClassifierExperiment:
    """The row's classifier at the study's scale, without a critic."""
    scale, base = study.scale_of(table), CLASSIFIERS[row.classifier]
    size, _, channels = base.network.image_shape
    shape = (scale.classifier_size or size, scale.classifier_size or size, channels)
    names = data.classes or opened_source(data.source, data.allow_missing).class_names
    network = replace(base.network, image_shape=shape, n_classes=len(names))
    return replace(
        base, network=network, seed=seed, epochs=scale.classifier_epochs or base.epochs,
        data=replace(data, steps=adapted(base.data.steps, shape)),
    )  # fmt: skip


def _run(study: Study, table: Table, row: TableRow, data: DataConfig, seed: int) -> list[Result]:
    from tfmedgan.classifiers.assessment import assess
    from tfmedgan.classifiers.run import ClassifierRun, resume, train

    experiment = experiment_of(study, table, row, data, seed)
    if hasattr(experiment.network, "critic"):
        critic = _trained_critic(study, table, experiment, seed)
        network = replace(experiment.network, critic=str(critic.absolute()))
        experiment = replace(experiment, network=network)
    place = study.runs / f"{row.classifier}-{table.name}-seed-{seed}"
    run = ClassifierRun(place)
    if not place.exists():
        train(experiment, place, data=prepared(experiment.data), progress=not study.quiet)
    elif not run.summary:
        resume(place, progress=not study.quiet)
    rows = {entry["metric"]: entry for entry in assess(run, replicates=200).rows}
    return _results(table, row, seed, run, rows)


def _results(table: Table, row: TableRow, seed: int, run, rows: dict) -> list[Result]:
    values = with_rates({name: entry["value"] for name, entry in rows.items()})
    values["ece_before"] = values["ece_before_calibration"]
    tested = rows["accuracy"]["protocol"]
    protocol = {
        "test_images": tested["n_test"],
        "reference_digest": tested["test_digest"],
        "classes": ", ".join(tested["classes"]),
        "image_size": list(run.experiment.network.image_shape),
        "weights": getattr(run.experiment.network, "weights", "") or "from the seed",
    }
    return [
        Result(table.key, row.label, seed, metric, values[metric], protocol=protocol,
               run=run.path.name, epochs=run.summary["epochs"])
        for metric in table.metrics
    ]  # fmt: skip


def _trained_critic(
    study: Study, table: Table, experiment: ClassifierExperiment, seed: int
) -> Path:
    """A finished GAN of the table, trained on the training part of the same split."""
    from tfmedgan.training import resume, train

    gan = _critic_experiment(study, table, experiment, seed)
    place = study.runs / f"critic-{table.name}-seed-{seed}"
    options = {"data": prepared(gan.data), "progress": not study.quiet}
    if not place.exists():
        train(gan, place, **options)
    elif not (place / "summary.json").exists():
        resume(place, **options)
    return place


def _critic_experiment(study, table: Table, experiment: ClassifierExperiment, seed: int):
    ((_, preset),) = table.generators
    gan: Experiment = scaled(PRESETS[preset], study.scale_of(table))
    shape = experiment.network.image_shape
    steps = adapted(PRESETS[preset].data.steps, shape)
    data = replace(experiment.data, steps=steps)
    return replace(gan, data=data, model=replace(gan.model, image_shape=shape), seed=seed)


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Data and deviations of a table of classifiers."""
    if not results:
        return Provenance()
    scale, data = study.scale_of(table), _data(study, table)
    bases = [CLASSIFIERS[row.classifier] for row in table.rows]
    sizes = dict.fromkeys(str(base.network.image_shape[0]) for base in bases)
    changed = []
    if scale.classifier_size:
        changed.append(f"image size: {scale.classifier_size} instead of {', '.join(sizes)}")
    if scale.classifier_epochs:
        changed.append(f"epochs: at most {scale.classifier_epochs}")
    weights = {result.protocol["weights"] for result in results}
    standing = (
        f"data: {public_name(data.source)}",
        f"weights that training starts from: {', '.join(sorted(weights))}",
        *(deviation for base in bases for deviation in base.deviations),
    )
    found = opened_source(data.source, data.allow_missing)
    counts = {"data set": str(found.card.get("title", public_name(data.source)))}
    counts["classes"] = results[0].protocol["classes"]
    counts |= {"source": public_name(data.source), "split of images": "one for all rows and seeds"}
    counts["test images"] = str(results[0].protocol["test_images"])
    unstated = tuple(dict.fromkeys(u for base in bases for u in base.unstated))
    return Provenance((*changed, *dict.fromkeys(standing)), unstated, counts, False)
