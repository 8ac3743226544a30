"""What is called better: paired over seeds, with an interval that excludes zero."""

import numpy as np
import pytest
from scipy import stats

from tfmedgan.papers.reported import ReportedFigure
from tfmedgan.reproduction.sample_strips import contrast, grey_sentence
from tfmedgan.reproduction.statistics import excludes_zero, mean, paired_difference, within
from tfmedgan.reproduction.summary import _agreement, _order, confirmed


def test_interval_is_students():
    values = [2.0, 2.5, 3.5, 4.0]
    average = mean(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (average.low, average.high) == pytest.approx((expected.low, expected.high))
    assert mean([3.0]).low is None


def test_pairs_are_of_the_same_seed():
    first, second = {0: 1.0, 1: 5.0, 2: 9.0}, {1: 4.0, 2: 8.2, 3: 0.0}
    difference = paired_difference(first, second)
    assert difference.value == pytest.approx(0.9) and difference.seeds == 2
    assert paired_difference({0: 1.0}, {1: 1.0}) is None


def test_pairing_finds_what_the_spread_of_seeds_hides():
    seeds = np.array([1.0, 5.0, 9.0])
    clear = paired_difference(dict(enumerate(seeds - 0.5)), {0: 1.0, 1: 5.01, 2: 9.0})
    assert excludes_zero(clear)
    assert (_order(clear, "lower"), _order(clear, "higher")) == ("better", "worse")
    noisy = paired_difference({0: 1.0, 1: 5.0, 2: 2.0}, {0: 2.0, 1: 1.0, 2: 3.0})
    assert _order(noisy, "lower") == "no difference shown"


def test_one_seed_shows_nothing():
    assert _order(paired_difference({0: 1.0}, {0: 9.0}), "lower") == "undecided, one seed"


@pytest.mark.parametrize(
    ("here", "document", "words"),
    [
        ("better", "better", "as in the document"),
        ("better", "worse", "contrary to the document"),
        ("no difference shown", "worse", "undecided"),
        ("better", "", ""),
        ("not compared: protocols differ in image_size", "better", ""),
    ],
)
def test_agreement(here, document, words):
    assert _agreement(here, document) == words


def test_noise_has_no_contrast():
    generator = np.random.default_rng(0)
    noise = generator.integers(0, 256, (32, 64, 3), dtype=np.uint8)
    halves = np.zeros((32, 64, 1), np.uint8)
    halves[:16] = 255
    assert contrast(halves) == pytest.approx(127.5)
    assert contrast(noise) < 0.15 * contrast(halves)
    assert grey_sentence({}) == "" and "a (12%)" in grey_sentence({"a": 0.12})


def test_intervals_stay_where_values_can_be():
    share = within(mean([0.2, 0.9, 1.0]), (0.0, 1.0))
    assert share.low >= 0 and share.high == 1.0 and share.value == pytest.approx(0.7)
    assert within(mean([0.5]), (0.0, 1.0)) == mean([0.5])  # one seed has no interval


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.75, 0.76, 0.77], "confirmed"),
        ([0.50, 0.51, 0.52], "not confirmed"),
        ([0.50, 0.76, 1.00], "undecided, the interval is partly"),
        ([0.76], "undecided with one seed:"),
    ],
)
def test_a_claim_is_confirmed_by_the_whole_interval(values, words):
    figure = ReportedFigure("g_loss", 0.765, "somewhere", tolerance=0.085)
    assert confirmed(mean(values), figure) == words
