"""Class recognition: does a classifier of real images see in an image the class it was made for?

The other half of the classification accuracy score (Ravuri & Vinyals 2019, who train on generated
images and test on real ones): trained on real images, tested on generated ones, beside real ones
that it did not learn from.
"""

import numpy as np

from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate


def recognised(sample: Sample) -> np.ndarray:
    """Whether the likeliest class is the image's own, of each image with a label, (N,) of 0 or 1.

    Raises:
        InputError: without labels, or for probabilities of other classes.
    """
    probabilities, labels = sample.probabilities, sample.images.labels
    if probabilities is None or labels is None:
        raise InputError("class_recognition: needs images with labels, real and generated ones")
    require(
        labels.max() < probabilities.shape[1] <= MOST,
        "class_recognition: the network knows other classes than those of the images; use "
        "--features classifier",
    )
    return (probabilities.argmax(axis=1) == labels).astype(np.float64)


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    estimates = []
    for name, sample in zip(GIVES, (fake, real), strict=True):
        values = recognised(sample)
        note = f"of {sample.probabilities.shape[1]} classes"  # type: ignore[union-attr]
        how = f"bootstrap of {len(values)} images"
        estimates.append(mean_estimate(name, values, rng, how, note))
    return estimates


MOST = 100  # classes; networks that know more were trained on photographs of other things
GIVES = ("class_recognition_fake", "class_recognition_real")

METRICS.add(
    "class_recognition",
    Metric(
        gives=GIVES,
        needs="probabilities",
        measure=_measure,
        minimum=10,
        rank=6,
        bounds=(0.0, 1.0),
        better={"class_recognition_fake": "closer", "class_recognition_real": "none"},
        default="never",
        caveat="far below reals: classes are not told apart; far above: only typical images",
        titles={
            "class_recognition_fake": "Class recognised, generated",
            "class_recognition_real": "Class recognised, real",
        },
    ),
)
