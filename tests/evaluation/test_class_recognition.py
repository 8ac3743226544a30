"""Class recognition: the share of images whose class a classifier of real images sees."""

import numpy as np
import pytest

from tfmedgan.errors import InputError
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.metrics import METRICS, Sample

LABELS = np.array([0, 1, 1, 2] * 5)
IMAGES = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 1), np.uint8)


def sample(seen, classes=3, labels=LABELS) -> Sample:
    pool = array_pool(IMAGES, "images", labels=labels)
    return Sample(np.zeros((20, 2)), np.eye(classes)[seen], pool)


def estimates(real: Sample, fake: Sample) -> dict:
    measured = METRICS["class_recognition"].measure(real, fake, np.random.default_rng(0))
    return {estimate.metric: estimate for estimate in measured}


def test_share_of_images_whose_class_is_the_likeliest():
    values = estimates(sample(LABELS), sample(np.where(LABELS == 2, 0, LABELS)))
    assert values["class_recognition_real"].value == 1
    fake = values["class_recognition_fake"]
    assert fake.value == 0.75 and 0.4 < fake.low < 0.75 < fake.high < 1
    assert fake.note == "of 3 classes"


@pytest.mark.parametrize(
    ("fake", "message"),
    [
        (sample(LABELS, labels=None), "needs images with labels"),
        (sample(LABELS, 1000), "the network knows other classes than those of the images"),
        (sample(LABELS.clip(max=1), 2), "the network knows other classes than those of the images"),
    ],
)
def test_refuses_what_has_no_such_classes(fake, message):
    with pytest.raises(InputError, match=message):
        estimates(sample(LABELS), fake)
