"""Kind "downstream": does a classifier gain from synthetic images? One row for each arm."""

from dataclasses import replace
from functools import partial

from tfmedgan.classifiers import CLASSIFIERS, score_list
from tfmedgan.config import DataConfig
from tfmedgan.data.steps import adapted
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Scale, Table
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.jobs import Job
from tfmedgan.reproduction.material import SPLIT_SEED, chosen_classes, opened_source
from tfmedgan.reproduction.provenance import Provenance
from tfmedgan.reproduction.results import Result
from tfmedgan.reproduction.scaling import changes, scaled
from tfmedgan.reproduction.statistics import Mean
from tfmedgan.reproduction.study import Study

SCORES = {name: score.better for name, score in (score_list.SCORES | score_list.DERIVED).items()}
REAL_ARMS = 3
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
        source=study.plan.source or first.source,
        steps=adapted(first.steps[:-1], classifier.network.image_shape),
        fractions=scale.fractions or (0.6, 0.15, 0.25),
        allow_missing=study.plan.allow_missing or first.allow_missing,
    )
    found = opened_source(config.source, config.allow_missing)
    config = replace(config, classes=chosen_classes(found, table))
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
    done, found = study.results.done(), []
    for table in tables:
        planned = downstream_study(study, table)
        for seed in range(study.plan.seeds):
            for number in range(1 + len(planned.generators)):
                arms = _arms(planned, number)
                if not all((table.key, arm, seed) in done for arm in arms):
                    what = f"{table.key}, {arms[0]}, seed {seed}"
                    run = partial(_run, study, table, planned, number, seed)
                    found.append(Job(what, SECONDS * (len(arms) if number == 0 else 6), run))
    return found


def _arms(planned: DownstreamStudy, number: int) -> tuple[str, ...]:
    """Arms that one job trains: those of real images, or those of a generator."""
    if number == 0:
        return planned.arms[:REAL_ARMS]
    arm = planned.generators[number - 1]
    return arm.added, arm.alone


def _place(study: Study, table: Table):
    from tfmedgan.downstream.run import StudyDirectory

    return StudyDirectory(study.path / "downstream" / table.name)


def _run(study: Study, table: Table, planned: DownstreamStudy, number: int, seed: int):
    """Train the arms of a job; the last job of all writes the study's own report, too."""
    from tfmedgan.downstream.report import write_report
    from tfmedgan.downstream.run import Trainings

    trainings = Trainings.begin(planned, _place(study, table).path)
    if number == 0:
        trainings.arms_of_real_images(seed)
    else:
        trainings.arms_of_generator(planned.generators[number - 1], seed)
    test = trainings.data.parts["test"]
    protocol = {
        "test_images": len(test),
        "reference_digest": trainings.test_record["sha256"],
        "classes": ", ".join(trainings.data.class_names),
        "classifier": planned.classifier.name,
        "image_size": list(planned.classifier.network.image_shape),
    }
    results = []
    for arm in _arms(planned, number):
        values = figures(trainings.place.outcome(arm, seed))
        results += [
            Result(table.key, arm, seed, metric, values[metric], protocol=protocol)
            for metric in table.metrics
        ]
    if _finished(planned, trainings.place):
        write_report(trainings.place)
    return results


def _finished(planned: DownstreamStudy, place) -> bool:
    return all(place.has(arm, seed) for arm in planned.arms for seed in range(planned.seeds))


def figures(outcome) -> dict[str, float]:
    """All of `SCORES` for one outcome; those of two classes only where there are two."""
    found = {**with_rates(outcome.scores), "ece_before": outcome.uncalibrated["ece"]}
    table = outcome.confusion
    found["false_negatives"] = float(sum(table[-1]) - table[-1][-1])
    return found


def with_rates(scores: dict[str, float]) -> dict[str, float]:
    """Scores, and recall and specificity by their other names."""
    return {**scores, "tpr": scores["recall"], "fpr": 1 - scores["specificity"]}


def differences(study: Study, table: Table) -> dict[tuple[str, str], Mean]:
    """Paired differences from real images alone, resampled over test images and seeds.

    Their intervals hold for all arms of the table together; one seed has none. Nothing is said
    before the study is finished.
    """
    from tfmedgan.downstream.report import Findings

    planned = downstream_study(study, table)
    place = _place(study, table)
    if not _finished(planned, place):
        return {}
    found = {}
    for result in Findings(place).results:
        for metric, figure in result.joint.items():
            limits = (figure.low, figure.high) if planned.seeds > 1 else (None, None)
            found[result.arm, metric] = Mean(figure.value, *limits, planned.seeds)
    return found


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Data and deviations of a downstream table."""
    from tfmedgan.downstream.report import test_record

    if not results:
        return Provenance()
    planned, test = downstream_study(study, table), test_record(_place(study, table))
    pairs = [
        (PRESETS[preset], replace(arm.experiment, data=PRESETS[preset].data))
        for arm, (_, preset) in zip(planned.generators, table.generators, strict=True)
    ]
    own = planned.classifier.name
    deviations = [
        *([f"classifier: {own} instead of {table.classifier}"] if own != table.classifier else []),
        "arms of real images alone, with classical augmentation and with oversampling, and of "
        "synthetic images alone; test images are real, as none of these is said of the document",
        "generators of one class each, trained on the training part only, for "
        + ", ".join(f"{arm.updates} updates ({arm.name})" for arm in planned.generators),
        *changes(pairs),
    ]
    unstated = [u for _, preset in table.generators for u in PRESETS[preset].unstated]
    found = opened_source(planned.data.source, planned.data.allow_missing)
    data = {
        "data set": str(found.card.get("title", public_name(found.source))),
        "source": public_name(planned.data.source),
        "classes": ", ".join(test["classes"]),
        "test images": f"{len(test['names'])}, SHA-256 {test['sha256'][:16]}",
        "split": test["split"],
    }
    return Provenance(tuple(deviations), tuple(dict.fromkeys(unstated)), data, False)
