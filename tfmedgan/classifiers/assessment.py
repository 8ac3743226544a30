"""Scores of a finished classifier on real images, with intervals, and the files they go to."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from tfmedgan.classifiers.bootstrap import REPLICATES, resamples, score_samples
from tfmedgan.classifiers.calibration import expected_calibration_error
from tfmedgan.classifiers.figures import confusion_figure, reliability_figure
from tfmedgan.classifiers.prediction import load_classifier
from tfmedgan.classifiers.run import ClassifierRun
from tfmedgan.classifiers.scores import class_scores, confusion, scores
from tfmedgan.classifiers.softmax import softmax
from tfmedgan.classifiers.subgroups import ScoredGroups, score_groups
from tfmedgan.config import DataConfig
from tfmedgan.data.columns import values_of
from tfmedgan.data.prepare import content_hash, prepare
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import require
from tfmedgan.evaluation.intervals import middle
from tfmedgan.files import csv_text, file_sha256, finite, write_bytes, write_json, write_text
from tfmedgan.seeding import rng
from tfmedgan.supervised.assessment import images_to_score
from tfmedgan.supervised.predictor import Predictor


@dataclass(frozen=True)
class ClassifierAssessment:
    """What a classifier scored on one set of images."""

    rows: list[dict]  # metric, value, low, high, protocol
    classes: tuple[str, ...]
    images: ImageArrays
    probabilities: np.ndarray  # calibrated, (n, classes)
    uncalibrated: np.ndarray
    notes: tuple[str, ...] = ()  # on the data, as `PreparedData.notes`
    groups: ScoredGroups | None = None


def assess(
    run: ClassifierRun, against: DataConfig | None = None, *, seed: int = 0,
    replicates: int = REPLICATES, by: str = "",
) -> ClassifierAssessment:  # fmt: skip
    """Scores on the test part of the run's own split, or on all images of another source.

    Args:
        against: other data, prepared as the run's own; all of its images are used.
        replicates: resamples of the test images behind each interval.
        by: column of the data for whose values scores are given, too.

    Raises:
        InputError: when there are no images, classes differ, or there is no such column.
    """
    images, where, notes = _images(run, against)
    source = (against or run.experiment.data).source
    values = values_of(source, by, images.names) if by else None
    probabilities, logits = _outputs(load_classifier(run), images.images)
    protocol = {
        "n_test": len(images),
        "test": where,
        "test_digest": content_hash(images),
        "classes": run.data["classes"],
        "classifier_sha256": file_sha256(run.model_path),
        "interval": f"bootstrap of the test images within each class, {replicates} resamples",
        "seed": seed,
    }
    whole = scores(images.labels, probabilities)
    whole["ece_before_calibration"] = expected_calibration_error(images.labels, softmax(logits))
    drawn = resamples(images.labels, replicates, rng(seed, "classifier/bootstrap"))
    samples = score_samples(images.labels, probabilities, drawn)
    rows = [_row(name, value, samples.get(name), protocol) for name, value in whole.items()]
    classes = tuple(run.data["classes"])
    groups = None
    if values is not None:
        groups = score_groups(by, values, images.labels, probabilities, protocol, replicates)
    raw = softmax(logits)
    return ClassifierAssessment(rows, classes, images, probabilities, raw, notes, groups)


def write(assessment: ClassifierAssessment, out: Path) -> dict[str, Path]:
    """scores.json, predictions.csv, reliability.png and confusion.png, each in one step."""
    out.mkdir(parents=True, exist_ok=True)
    names = ("scores.json", "predictions.csv", "reliability.png", "confusion.png")
    paths = {name: out / name for name in names}
    labels = assessment.images.labels
    table = confusion(labels, assessment.probabilities)
    per_class = dict(zip(assessment.classes, class_scores(table), strict=True))
    content = {"rows": assessment.rows, "confusion": table.tolist(), "per_class": per_class}
    if groups := assessment.groups:
        gaps = [gap.to_dict() for gap in groups.gaps]
        content["subgroups"] = {"rows": groups.rows, "gaps": gaps, "refused": groups.refused}
    write_json(paths["scores.json"], finite(content))
    write_text(paths["predictions.csv"], csv_text(_predictions(assessment)))
    figure = reliability_figure(labels, assessment.uncalibrated, assessment.probabilities)
    write_bytes(paths["reliability.png"], figure)
    write_bytes(paths["confusion.png"], confusion_figure(table, assessment.classes))
    return paths


def _images(run: ClassifierRun, against) -> tuple[ImageArrays, str, tuple]:
    experiment = run.experiment
    data = prepare(against or experiment.data, experiment.seed)
    own = partial(prepare, experiment.data, experiment.seed) if against else None
    require(
        list(data.class_names) == run.data["classes"],
        f"{data.source}: has the classes {', '.join(data.class_names)}; the classifier "
        f"knows {', '.join(run.data['classes'])}",
    )
    return images_to_score(run, data, own)


def _outputs(model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities that sum to 1 in float64, and logits before the temperature."""
    import keras

    both = [model.outputs[0], model.get_layer("logits").output]
    joined = keras.layers.Concatenate()(both)  # one pass through the network
    outputs = Predictor(keras.Model(model.inputs, joined))(images).astype(np.float64)
    probabilities, logits = np.split(outputs, 2, axis=1)
    return probabilities / probabilities.sum(axis=1, keepdims=True), logits


def _row(metric: str, value: float, samples, protocol: dict) -> dict:
    low, high = middle(samples) if samples is not None else (None, None)
    return {"metric": metric, "value": value, "low": low, "high": high, "protocol": protocol}


def _predictions(assessment: ClassifierAssessment) -> list[dict]:
    rows = zip(
        assessment.images.names, assessment.images.labels, assessment.probabilities, strict=True
    )
    return [
        {
            "image": name,
            "class": assessment.classes[label],
            **{f"p({c})": float(p) for c, p in zip(assessment.classes, values, strict=True)},
        }
        for name, label, values in rows
    ]
