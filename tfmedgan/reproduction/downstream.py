"""Kind "downstream": does a classifier gain from synthetic images? One row for each arm."""

from dataclasses import replace

from tfmedgan.classifiers import CLASSIFIERS, score_list
from tfmedgan.config import DataConfig
from tfmedgan.data.steps import adapted
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm
from tfmedgan.files import read_json_if_there
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Scale, Table
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.arms import as_trained, jobs_of, place_of, tested_on
from tfmedgan.reproduction.material import SPLIT_SEED, at_hand
from tfmedgan.reproduction.provenance import Provenance, changes, data_facts
from tfmedgan.reproduction.scaling import scaled
from tfmedgan.reproduction.study import Job, Result, Study

SCORES = {name: score.better for name, score in (score_list.SCORES | score_list.DERIVED).items()}
SECONDS = 10.0  # of a classifier's training, roughly


def downstream_study(study: Study, table: Table) -> DownstreamStudy:
    """The table's study at this scale, on the images at hand.

    Raises:
        InputError: for images whose classes do not suit the table.
    """
    scale = study.scale_of(table)
    documents = {name: PRESETS[preset] for name, preset in table.generators}
    arms = tuple(
        GeneratorArm(name, scaled(document, scale), _updates(document, scale))
        for name, document in documents.items()
    )
    first = arms[0].experiment.data
    classifier = _classifier(table, scale)
    config = DataConfig(
        source=first.source,
        steps=adapted(first.steps[:-1], classifier.network.image_shape),
        fractions=scale.fractions or (0.6, 0.15, 0.25),
        allow_missing=first.allow_missing,
    )
    config = at_hand(study, table, config)
    return DownstreamStudy(
        data=config, classifier=replace(classifier, data=config), generators=arms,
        seeds=study.plan.seeds, name=f"{table.key}: {table.title}", paper=table.key,
        data_seed=SPLIT_SEED, replicates=200 if study.plan.scale == "smoke" else 1000,
    )  # fmt: skip


def _classifier(table: Table, scale: Scale):
    base = CLASSIFIERS[scale.classifier or table.classifier]
    size = scale.classifier_size or base.network.image_shape[0]
    network = replace(base.network, image_shape=(size, size, 3))
    return replace(base, network=network, epochs=scale.classifier_epochs or base.epochs)


def _updates(document, scale: Scale) -> int:
    """The document's updates of the generator, in the scale's proportion.

    0, which stands for as many epochs of the images at hand, where how many the document had is
    not said and an epoch has no length of its own.
    """
    if document.data.images is None and document.model.epoch_images <= 1:
        return 0
    per_epoch = document.model.steps_per_epoch(document.data.images or 0, document.batch_size)
    return max(1, round(per_epoch * document.epochs * scale.epochs))


def jobs(study: Study, tables: list[Table]) -> list[Job]:
    """Those of each table that is not finished, which alone needs images."""
    return [
        job
        for table in tables
        if study.cells_left([table])
        for job in jobs_of(
            study, table, downstream_study(study, table), _results, SECONDS, more=4 * SECONDS
        )
    ]


def _results(table: Table, planned: DownstreamStudy, place, number: int, arm: str, seed: int):
    """Scores of an arm."""
    values, test = figures(place.outcome(arm, seed)), place.test
    protocol = {
        "test_images": len(test["names"]),
        "reference_digest": test["sha256"],
        "classes": ", ".join(test["classes"]),
        "classifier": planned.classifier.name,
        "image_size": list(planned.classifier.network.image_shape),
    }
    for metric in table.metrics:
        yield Result(table.key, arm, seed, metric, values[metric], protocol=protocol)


def figures(outcome) -> dict[str, float]:
    """All of `SCORES` for one outcome, and how many of the last class were taken for another."""
    *negatives, _ = outcome.confusion[-1]
    own = {"ece_before": outcome.uncalibrated["ece"], "false_negatives": float(sum(negatives))}
    return {**with_rates(outcome.scores), **own}


def with_rates(scores: dict[str, float]) -> dict[str, float]:
    """Scores, and recall and specificity by their other names."""
    return {**scores, "tpr": scores["recall"], "fpr": 1 - scores["specificity"]}


def provenance(study: Study, table: Table, results: list[Result]) -> Provenance:
    """Data and deviations, as the downstream study's own folder has them."""
    place = place_of(study, table)
    done = place.study
    pairs = [
        (PRESETS[preset], as_trained(place, arm, PRESETS[preset]))
        for arm, (_, preset) in zip(done.generators, table.generators, strict=True)
    ]
    own = done.classifier.name
    deviations = [
        *([f"classifier: {own} instead of {table.classifier}"] if own != table.classifier else []),
        "arms of real images alone, with classical augmentation and with oversampling, and of "
        "synthetic images alone; test images are real, as none of these is said of the document",
        "generators of one class each, trained on the training part only, for "
        + ", ".join(f"{_length(arm)} ({arm.name})" for arm in done.generators),
        *changes(pairs),
    ]
    unstated = dict.fromkeys(u for _, preset in table.generators for u in PRESETS[preset].unstated)
    return Provenance(tuple(deviations), tuple(unstated), _data_facts(place))


def _length(arm: GeneratorArm) -> str:
    return f"{arm.updates} updates" if arm.updates else f"{arm.experiment.epochs} epochs"


def _data_facts(place) -> dict[str, str]:
    """What is known of the images; folders of earlier versions recorded the test images only."""
    record = read_json_if_there(place.path / "data.json")
    source = public_name(place.study.data.source)
    earlier = {
        "data set": f"{source}, title not recorded",
        "source": source,
        "classes": ", ".join(place.test["classes"]),
    }
    known = data_facts(record) if record else earlier
    return {**known, **tested_on(place), "split": place.test["split"]}
