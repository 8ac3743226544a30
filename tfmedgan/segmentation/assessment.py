"""Scores of a finished U-Net on real images, with intervals, and the files they go to."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmedgan.config import DataConfig
from tfmedgan.data.masks import masks_of, without_mask
from tfmedgan.data.prepare import content_hash, prepare
from tfmedgan.data.records import ImageArrays
from tfmedgan.evaluation.intervals import bootstrap_means
from tfmedgan.files import csv_text, file_sha256, finite, write_bytes, write_json, write_text
from tfmedgan.seeding import rng
from tfmedgan.segmentation.figures import cases_figure
from tfmedgan.segmentation.parts import prepared
from tfmedgan.segmentation.prediction import load_unet
from tfmedgan.segmentation.run import SegmentationRun
from tfmedgan.segmentation.scores import image_scores
from tfmedgan.supervised.assessment import images_to_score

REPLICATES = 1000


@dataclass(frozen=True)
class SegmentationAssessment:
    """What a U-Net scored on one set of images."""

    rows: list[dict]  # metric, value, low, high, protocol
    per_image: dict[str, np.ndarray]  # each score, (n,)
    images: ImageArrays
    predicted: np.ndarray  # bool (n, H, W)
    notes: tuple[str, ...] = ()  # on the data, as `PreparedData.notes`


def assess(
    run: SegmentationRun, against: DataConfig | None = None, *, seed: int = 0,
    replicates: int = REPLICATES,
) -> SegmentationAssessment:  # fmt: skip
    """Scores on the test part of the run's own split, or on all images of another source.

    Args:
        against: other data, prepared as the run's own; all of its images are used.
        replicates: resamples of the test images behind each interval.

    Raises:
        InputError: when there are no images with masks, or the run's own have changed.
    """
    images, where, notes = _images(run, against)
    masks = masks_of(images.images)
    predicted = load_unet(run).masks(without_mask(images.images))
    per_image = image_scores(masks, predicted)
    protocol = {
        "n_test": len(images),
        "empty_masks": int((~masks.any(axis=(1, 2))).sum()),
        "test": where,
        "test_digest": content_hash(images),
        "size": list(run.experiment.network.image_shape[:2]),
        "unet_sha256": file_sha256(run.model_path),
        "interval": f"bootstrap of the test images, {replicates} resamples",
        "seed": seed,
    }
    means = mean_scores(per_image, seed, replicates)
    rows = [{**row, "protocol": protocol} for row in means]
    return SegmentationAssessment(rows, per_image, images, predicted, notes)


def mean_scores(
    per_image: dict[str, np.ndarray], seed: int = 0, replicates: int = REPLICATES
) -> list[dict]:
    """The mean of each score over the images, with the interval of a bootstrap of them.

    Returns:
        A row with "metric", "value", "low" and "high" for each score.
    """
    rows = []
    for name, values in per_image.items():
        # Each score from the same resamples.
        low, high = bootstrap_means([values], rng(seed, "unet/bootstrap"), repeats=replicates)
        rows.append({"metric": name, "value": float(values.mean()), "low": low, "high": high})
    return rows


def write(assessment: SegmentationAssessment, out: Path) -> dict[str, Path]:
    """scores.json, images.csv and cases.png, each in one step."""
    out.mkdir(parents=True, exist_ok=True)
    paths = {name: out / name for name in ("scores.json", "images.csv", "cases.png")}
    write_json(paths["scores.json"], finite({"rows": assessment.rows}))
    write_text(paths["images.csv"], csv_text(_lines(assessment)))
    figure = cases_figure(
        assessment.images.images, assessment.predicted, assessment.per_image["dice"]
    )
    write_bytes(paths["cases.png"], figure)
    return paths


def _images(run: SegmentationRun, against) -> tuple[ImageArrays, str, tuple]:
    experiment = run.experiment

    def own():
        return prepared(experiment.data, experiment.seed)

    if against is None:
        return images_to_score(run, own(), None)
    return images_to_score(run, prepare(against, experiment.seed), own)


def _lines(assessment: SegmentationAssessment) -> list[dict]:
    masks = masks_of(assessment.images.images)
    shares = zip(masks.mean(axis=(1, 2)), assessment.predicted.mean(axis=(1, 2)), strict=True)
    columns = assessment.per_image
    return [
        {
            "image": name,
            "mask_share": round(float(real), 6),
            "predicted_share": round(float(made), 6),
            **{score: float(values[index]) for score, values in columns.items()},
        }
        for index, (name, (real, made)) in enumerate(
            zip(assessment.images.names, shares, strict=True)
        )
    ]
