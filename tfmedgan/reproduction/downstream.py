"""Kind "downstream": does a classifier gain from synthetic images? One row for each arm."""

from dataclasses import replace
from functools import partial
from itertools import product

from tfmedgan.classifiers import CLASSIFIERS, score_list
from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.steps import adapted
from tfmedgan.downstream.config import (
    CLASSICAL,
    OVERSAMPLED,
    REAL,
    DownstreamStudy,
    GeneratorArm,
    added,
    alone,
)
from tfmedgan.downstream.directory import StudyDirectory
from tfmedgan.files import locked, read_json_if_there
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Scale, Table
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.material import SPLIT_SEED, at_hand
from tfmedgan.reproduction.provenance import Provenance, changes, data_facts, precision_of
from tfmedgan.reproduction.scaling import scaled
from tfmedgan.reproduction.statistics import Mean
from tfmedgan.reproduction.study import Job, Result, Study

SCORES = {name: score.better for name, score in (score_list.SCORES | score_list.DERIVED).items()}
SECONDS = 10.0  # of a classifier's training, roughly


def downstream_study(study: Study, table: Table) -> DownstreamStudy:
    """The table's study at this scale, on the images at hand.

    Raises:
        InputError: for images whose classes do not suit the table.
    """
    scale = study.scale_of(table)
    experiments = [(name, PRESETS[preset]) for name, preset in table.generators]
    small = [(name, scaled(experiment, scale)) for name, experiment in experiments]
    first = small[0][1].data
    classifier = _classifier(table, scale)
    config = DataConfig(
        source=first.source,
        steps=adapted(first.steps[:-1], classifier.network.image_shape),
        fractions=scale.fractions or (0.6, 0.15, 0.25),
        allow_missing=first.allow_missing,
    )
    config = at_hand(study, table, config)
    arms = [
        GeneratorArm(name, experiment, _updates(PRESETS[preset], scale))
        for (name, experiment), (_, preset) in zip(small, table.generators, strict=True)
    ]
    return DownstreamStudy(
        data=config, classifier=replace(classifier, data=config), generators=tuple(arms),
        seeds=study.plan.seeds, name=f"{table.key}: {table.title}", paper=table.key,
        data_seed=SPLIT_SEED, replicates=200 if study.plan.scale == "smoke" else 1000,
    )  # fmt: skip


def _classifier(table: Table, scale: Scale):
    base = CLASSIFIERS[scale.classifier or table.classifier]
    size = scale.classifier_size or base.network.image_shape[0]
    network = replace(base.network, image_shape=(size, size, 3))
    return replace(base, network=network, epochs=scale.classifier_epochs or base.epochs)


def _updates(document, scale: Scale) -> int:
    """The document's updates of the generator, in the scale's proportion."""
    per_epoch = document.model.steps_per_epoch(document.data.images or 0, document.batch_size)
    return max(1, round(per_epoch * document.epochs * scale.epochs))


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """Per seed, one job for the arms of real images and one for each generator."""
    todo = []
    for table in tables:
        left = study.cells_left([table])
        if not left:  # so that a finished table needs no images
            continue
        planned = downstream_study(study, table)
        for seed, number in product(range(study.plan.seeds), range(1 + len(table.generators))):
            arms = _arms(table, number)
            cells = frozenset((table.key, arm, seed) for arm in arms)
            if cells & left:
                work = SECONDS * (len(arms) if number == 0 else 6)
                run = partial(_run, study, table, planned, number, seed)
                todo.append(Job(f"{table.key}, {arms[0]}, seed {seed}", work, run, cells))
    return todo


def _arms(table: Table, number: int) -> tuple[str, ...]:
    """Arms that one job trains: those of real images, or those of a generator."""
    if number == 0:
        return (REAL, CLASSICAL, OVERSAMPLED)
    name, _ = table.generators[number - 1]
    return added(name), alone(name)


def _place(study: Study, table: Table) -> StudyDirectory:
    return StudyDirectory(study.path / "downstream" / table.name)


def _run(study: Study, table: Table, planned: DownstreamStudy, number: int, seed: int):
    """Train the arms of a job; the last job of all writes the study's own report, too."""
    from tfmedgan.downstream.report import write_report
    from tfmedgan.downstream.run import Trainings

    with locked(study.path / "claims" / f"{table.name}.lock"):
        trainings = Trainings.begin(planned, _place(study, table).path)
    if number == 0:
        trainings.arms_of_real_images(seed)
    else:
        trainings.arms_of_generator(planned.generators[number - 1], seed)
    test = trainings.place.test
    protocol = {
        "test_images": len(test["names"]),
        "reference_digest": test["sha256"],
        "classes": ", ".join(test["classes"]),
        "classifier": planned.classifier.name,
        "image_size": list(planned.classifier.network.image_shape),
    }
    results = []
    for arm in _arms(table, number):
        values = figures(trainings.place.outcome(arm, seed))
        results += [
            Result(table.key, arm, seed, metric, values[metric], protocol=protocol)
            for metric in table.metrics
        ]
    if trainings.place.is_finished(planned):
        write_report(trainings.place)
    return results


def figures(outcome) -> dict[str, float]:
    """All of `SCORES` for one outcome; those of two classes only where there are two."""
    *negatives, _ = outcome.confusion[-1]
    own = {"ece_before": outcome.uncalibrated["ece"], "false_negatives": float(sum(negatives))}
    return {**with_rates(outcome.scores), **own}


def with_rates(scores: dict[str, float]) -> dict[str, float]:
    """Scores, and recall and specificity by their other names."""
    return {**scores, "tpr": scores["recall"], "fpr": 1 - scores["specificity"]}


def differences(study: Study, table: Table) -> dict[tuple[str, str], Mean]:
    """Paired differences from real images alone, resampled over test images and seeds.

    Their intervals hold for all arms of the table together; one seed has none. Nothing is said
    before the study is finished.
    """
    from tfmedgan.downstream.report import Findings

    place, seeds = _place(study, table), study.plan.seeds
    if not place.is_finished(replace(place.study, seeds=seeds)):
        return {}
    means = {}
    for result in Findings(place).results:
        for metric, figure in result.joint.items():
            low, high = (figure.low, figure.high) if seeds > 1 else (None, None)
            means[result.arm, metric] = Mean(figure.value, low, high, seeds)
    return means


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Data and deviations, as the downstream study's own folder has them."""
    place = _place(study, table)
    done = place.study
    pairs = [
        (PRESETS[preset], _as_trained(place, arm, PRESETS[preset]))
        for arm, (_, preset) in zip(done.generators, table.generators, strict=True)
    ]
    own = done.classifier.name
    deviations = [
        *([f"classifier: {own} instead of {table.classifier}"] if own != table.classifier else []),
        "arms of real images alone, with classical augmentation and with oversampling, and of "
        "synthetic images alone; test images are real, as none of these is said of the document",
        "generators of one class each, trained on the training part only, for "
        + ", ".join(f"{arm.updates} updates ({arm.name})" for arm in done.generators),
        *changes(pairs),
    ]
    unstated = dict.fromkeys(u for _, preset in table.generators for u in PRESETS[preset].unstated)
    return Provenance(tuple(deviations), tuple(unstated), _data_facts(place))


def _as_trained(place, arm: GeneratorArm, document: Experiment) -> Experiment:
    """The arm's experiment in the precision that its trainings took, on the document's images."""
    precision = precision_of(place.path / "generators" / arm.name)
    return replace(arm.experiment, data=document.data, precision=precision)


def _data_facts(place) -> dict[str, str]:
    """What is known of the images; folders of earlier versions recorded the test images only."""
    record, test = read_json_if_there(place.path / "data.json"), place.test
    source = public_name(place.study.data.source)
    earlier = {
        "data set": f"{source}, title not recorded",
        "source": source,
        "classes": ", ".join(test["classes"]),
    }
    return {
        **(data_facts(record) if record else earlier),
        "test images": f"{len(test['names'])}, SHA-256 {test['sha256'][:16]}",
        "split": test["split"],
    }
