"""Chequers: the amplitude of alternating pixels, and the alarm that it raises."""

import numpy as np
import pytest

from tfmedgan.evaluation import evaluate
from tfmedgan.evaluation.alarms import alarms
from tfmedgan.evaluation.metrics.chequers import alternation

PASSED = {"passed": True, "reasons": []}
TEETH = np.resize((10.0, -10.0), 17)


def pictures(teeth: float, count: int = 100, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).normal(128, 20, (count, 16, 16, 1))
    return np.clip(values + teeth * TEETH[:16, None], 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (np.full((16, 16), 90.0), 0),
        (128 + np.add.outer(np.zeros(16), TEETH[:16]), 10 / np.sqrt(2)),  # columns alone
        (128 + np.add.outer(TEETH[:16], np.zeros(17)), 10 / np.sqrt(2)),  # rows, one column over
        (128 + np.add.outer(TEETH[:16], TEETH[:16]), 10),
        (128 + np.outer(TEETH[:16], TEETH[:16]), 100),  # a chessboard: both along and across
        (np.add.outer(np.zeros(16), np.resize((10.0, 10.0, -10.0, -10.0), 16)), 0),  # twice as wide
    ],
)
def test_amplitude_of_what_alternates(image, expected):
    assert alternation(image[..., None]) == pytest.approx(expected, abs=1e-9)


def test_channels_are_taken_together():
    image = np.stack([128 + np.add.outer(np.zeros(16), TEETH[:16])] * 3, axis=2)
    assert alternation(image) == pytest.approx(10 / np.sqrt(2))


@pytest.mark.parametrize(("teeth", "expected"), [(0.0, []), (1.5, ["Chequers"])])
def test_an_alarm_where_pixels_alternate_more_than_in_reals(teeth, expected):
    rows = evaluate(pictures(teeth, seed=1), pictures(0.0), metrics=("chequers",))
    assert [sign.partition(":")[0] for sign in alarms([], rows, PASSED)] == expected
    fake, real = rows
    assert fake.low < fake.value < fake.high and real.protocol.extractor == "pixels"
