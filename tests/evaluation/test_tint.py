"""Tint: how far colours are from grey, and the alarm where reals are grey and samples are not."""

import numpy as np
import pytest

from tfmedgan.errors import InputError
from tfmedgan.evaluation import evaluate
from tfmedgan.evaluation.alarms import alarms
from tfmedgan.evaluation.metrics import METRICS
from tfmedgan.evaluation.metrics.tint import made_grey, tint

PASSED = {"passed": True, "reasons": []}


def pictures(noise: float, colour: float = 0.0, count: int = 60, seed: int = 0) -> np.ndarray:
    """Grey images with so much noise in each channel, or with red ahead of the others."""
    drawn = np.random.default_rng(seed)
    values = drawn.normal(128, 20, (count, 16, 16, 1)) + colour * np.array([1.0, 0.0, -1.0])
    return np.clip(values + noise * drawn.normal(size=values.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("colour", "expected"), [((90, 90, 90), 0), ((255, 0, 0), 255 * 4 / 9), ((12, 10, 8), 4 / 3)]
)
def test_tint_of_one_colour(colour, expected):
    image = np.full((8, 8, 3), colour, np.uint8)
    assert tint(image) == pytest.approx(expected)
    assert tint(image) <= METRICS["tint"].bounds[1] + 1e-9


def test_made_grey_has_none_and_the_same_brightness():
    image = pictures(5.0)[0]
    grey = made_grey(image)
    assert tint(grey) == 0 and grey.shape == image.shape and grey.dtype == np.uint8
    assert grey.mean() == pytest.approx(image.mean(), abs=0.5)


@pytest.mark.parametrize(
    ("fake", "real", "expected"),
    [
        (pictures(3.0, seed=1), pictures(0.0), ["Tinted"]),
        (pictures(0.0, seed=1), pictures(0.0), []),
        (pictures(3.0, 20.0, seed=1), pictures(3.0, 20.0), []),  # photographs
        (pictures(0.0, seed=1), pictures(3.0, 20.0), []),
    ],
)
def test_an_alarm_where_grey_images_were_learned_in_colour(fake, real, expected):
    rows = evaluate(fake, real, metrics=("tint",))
    assert [row.metric for row in rows] == ["tint_fake", "tint_real"]
    assert [sign.partition(":")[0] for sign in alarms([], rows, PASSED)] == expected


def test_images_of_one_channel_have_none():
    with pytest.raises(InputError, match="tint: generated: images without three channels; leave"):
        evaluate(pictures(0.0)[..., :1], pictures(0.0)[..., :1], metrics=("tint",))
