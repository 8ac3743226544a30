"""Kind "classification": classifiers trained on real images, a row each."""

from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

from tfmedgan.classifiers import CLASSIFIERS, ClassifierExperiment
from tfmedgan.classifiers.catalogue.critic_lstm import CriticLSTMConfig
from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.split_file import Split
from tfmedgan.data.steps import adapted
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Table, TableRow
from tfmedgan.reproduction.downstream import with_rates
from tfmedgan.reproduction.material import (
    SPLIT_SEED,
    at_hand,
    class_names,
    prepared,
    whole_split,
)
from tfmedgan.reproduction.provenance import Provenance, changes, data_facts, precision_of
from tfmedgan.reproduction.scaling import scaled
from tfmedgan.reproduction.study import Job, Result, Study
from tfmedgan.run_directory import TrainingDirectory
from tfmedgan.seeding import rng

SECONDS = 60.0  # of a training, roughly
VALIDATION = 0.15  # share of a publisher's training part, where there is no validation part


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """One for each row and seed that is left."""
    todo = []
    for table in tables:
        left = study.cells_left([table])
        if not left:  # so that a finished table needs no images
            continue
        data = _data(study, table)
        for seed, row in product(range(study.plan.seeds), table.rows):
            cell = table.key, row.label, seed
            if cell in left:
                run = partial(_run, study, table, row, data, seed)
                what = f"{table.key}, {row.label}, seed {seed}"
                todo.append(Job(what, SECONDS, run, frozenset({cell})))
    return todo


def _data(study: Study, table: Table) -> DataConfig:
    """Real images and their one split, for all rows and seeds; steps are the rows' own."""
    scale = study.scale_of(table)
    documents = (e.data.source for n, e in PRESETS.items() if n.startswith(f"{table.document}/"))
    config = DataConfig(
        source=scale.source or next(documents),
        fractions=scale.fractions or (0.70, 0.15, 0.15),
        allow_missing=scale.allow_missing,
    )
    config = at_hand(study, table, config)
    return replace(config, split_file=str(_validated(whole_split(study, config))))


def _validated(path: Path) -> Path:
    """The file of a split that has validation images: where a publisher has none, of training."""
    split = Split.read(path)
    if split.validation:
        return path
    place = path.with_name(path.name.replace("whole-", "validated-"))
    if not place.exists():
        _with_validation(split).write(place)
    return place


def _with_validation(split: Split) -> Split:
    """A share of the training images held out, near-duplicates and patients together."""
    together = {name: number for number, names in enumerate(split.groups) for name in names}
    units: dict[object, list[str]] = {}
    for name in split.train:
        units.setdefault(together.get(name, name), []).append(name)
    members = list(units.values())
    order = rng(SPLIT_SEED, "study/validation").permutation(len(members))
    held_out = {name for i in order[: round(VALIDATION * len(members))] for name in members[i]}
    train, validation = (
        tuple(name for name in split.train if (name in held_out) == wanted)
        for wanted in (False, True)
    )
    return replace(split, train=train, validation=validation)


def experiment_of(
    study: Study, table: Table, row: TableRow, data: DataConfig, seed: int
) -> ClassifierExperiment:
    """The row's classifier at the study's scale, without a critic."""
    scale, base = study.scale_of(table), CLASSIFIERS[row.classifier]
    size, _, channels = base.network.image_shape
    shape = (scale.classifier_size or size, scale.classifier_size or size, channels)
    network = replace(base.network, image_shape=shape, n_classes=len(class_names(data)))
    return replace(
        base, network=network, seed=seed, epochs=scale.classifier_epochs or base.epochs,
        data=replace(data, steps=adapted(base.data.steps, shape)),
    )  # fmt: skip


def _run(study: Study, table: Table, row: TableRow, data: DataConfig, seed: int) -> list[Result]:
    from tfmedgan.classifiers.assessment import assess
    from tfmedgan.classifiers.run import ClassifierRun, resume, train

    experiment = experiment_of(study, table, row, data, seed)
    if isinstance(experiment.network, CriticLSTMConfig):
        critic = _trained_critic(study, table, experiment, seed)
        network = replace(experiment.network, critic=str(critic.path.absolute()))
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


def _trained_critic(study, table: Table, experiment: ClassifierExperiment, seed: int):
    """A finished GAN of the table, trained on the training part of the same split."""
    from tfmedgan.training import finish

    gan = _critic_experiment(study, table, experiment, seed)
    place = study.runs / f"critic-{table.name}-seed-{seed}"
    return finish(gan, place, prepared(gan.data), progress=not study.quiet)


def _critic_experiment(study, table: Table, experiment: ClassifierExperiment, seed: int):
    ((_, preset),) = table.generators
    gan: Experiment = scaled(PRESETS[preset], study.scale_of(table))
    shape = experiment.network.image_shape
    steps = adapted(PRESETS[preset].data.steps, shape)
    data = replace(experiment.data, steps=steps)
    return replace(gan, data=data, model=replace(gan.model, image_shape=shape), seed=seed)


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Data from the run of a classifier, deviations from the scale."""
    scale, bases = study.scale_of(table), [CLASSIFIERS[row.classifier] for row in table.rows]
    sizes = dict.fromkeys(str(base.network.image_shape[0]) for base in bases)
    changed = []
    if scale.classifier_size:
        changed.append(f"image size: {scale.classifier_size} instead of {', '.join(sizes)}")
    if scale.classifier_epochs:
        changed.append(f"epochs: at most {scale.classifier_epochs}")
    for _, preset in table.generators:
        precision = precision_of(study.runs / f"critic-{table.name}-seed-0")
        changed += changes([(PRESETS[preset], replace(PRESETS[preset], precision=precision))])
    weights = {result.protocol["weights"] for result in results}
    data = data_facts(TrainingDirectory.open(study.runs / results[0].run).data)
    chosen = any(study.splits.glob("validated-*.json"))
    standing = (
        f"data: {data['source']}",
        *([f"validation images: {VALIDATION:.0%} of the training part"] if chosen else []),
        f"weights that training starts from: {', '.join(sorted(weights))}",
        *(deviation for base in bases for deviation in base.deviations),
    )
    unstated = tuple(dict.fromkeys(u for base in bases for u in base.unstated))
    return Provenance((*changed, *dict.fromkeys(standing)), unstated, data)
