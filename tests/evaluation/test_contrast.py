"""Contrast: the standard deviation over images, clipped pixels, and the alarms they raise."""

import numpy as np
import pytest

from tfmedgan.evaluation import evaluate
from tfmedgan.evaluation.alarms import alarms
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.metrics.contrast import clipped_shares, pixel_deviation

PASSED = {"passed": True, "reasons": []}


def pictures(stddev: float, count: int = 200, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).normal(128, stddev, (count, 16, 16, 1))
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def rows_of(fake, real):
    return evaluate(fake, real, metrics=("contrast",), features="random")


def test_the_deviation_is_that_over_the_images():
    images = pictures(30)
    value, low, high = pixel_deviation(array_pool(images, "x"), np.random.default_rng(0))
    assert value == pytest.approx(images.astype(float).std(0).mean(), rel=1e-5)
    assert value - 1 < low < value < high < value + 1


def test_a_large_image_counts_by_its_blocks():
    blocks = np.random.default_rng(1).integers(0, 256, (30, 64, 64, 1), np.uint8)
    large = blocks.repeat(4, 1).repeat(4, 2)
    values = [
        pixel_deviation(array_pool(x, "x"), np.random.default_rng(0))[0] for x in (blocks, large)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-6)


def test_values_at_either_end_are_clipped():
    image = np.array([0, 4, 5, 128, 250, 251, 255, 100], np.uint8).reshape(1, 2, 4, 1)
    np.testing.assert_allclose(clipped_shares(array_pool(image, "x")), [4 / 8])


def test_a_black_that_the_reals_do_not_quite_have_raises_no_alarm():
    reals = pictures(30)
    reals[:, :3] = 3
    fakes = pictures(30, seed=1)
    fakes[:, :3] = 0
    assert alarms([], rows_of(fakes, reals), PASSED) == []


@pytest.mark.parametrize(
    ("stddev", "word"),
    [(30, None), (31, None), (20, "Little variety"), (45, "Too much contrast")],
)
def test_alarms_name_what_is_beyond_the_reals(stddev, word):
    signs = alarms([], rows_of(pictures(stddev, seed=1), pictures(30)), PASSED)
    assert [sign.partition(":")[0] for sign in signs] == ([word] if word else [])


def test_posters_raise_an_alarm_with_both_shares():
    posters = np.where(pictures(30, seed=1) > 150, 255, pictures(30, seed=1)).astype(np.uint8)
    (sign,) = [
        s for s in alarms([], rows_of(posters, pictures(30)), PASSED) if s.startswith("Black")
    ]
    assert "0.0% of the real" in sign
