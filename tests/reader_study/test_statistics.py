"""Intervals cover, agreement is as defined, and published figures come out again."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr, ndtri
from sklearn.metrics import roc_auc_score

from tfmedgan.evaluation.intervals import clopper_pearson
from tfmedgan.reader_study.agreement import fleiss_kappa, kappa_interval, tally
from tfmedgan.reader_study.crossed import pooled
from tfmedgan.reader_study.planning import expected_half_width, needed_images
from tfmedgan.reader_study.scores import placements
from tfmedgan.reader_study.simulation import Readers

PARK = Readers(sensitivity=0.668, specificity=0.519)  # their accuracies and, with 0.4, their κ
JANG = Readers(sensitivity=0.674, specificity=0.674)
STUDIES = 1000


def accuracy(kinds):
    """As `scores` calls it for accuracy."""
    each = np.mean([kind.mean(1) for kind in kinds], 0)
    return pooled(each, [kind / 2 for kind in kinds], 0.5)


def coverage(people, readers, images, seed=0):
    rng = np.random.default_rng(seed)
    made = [accuracy(people.draw(readers, images, rng)) for _ in range(STUDIES)]
    return np.mean([p.low <= people.accuracy <= p.high for p in made])


@pytest.mark.parametrize(
    ("people", "readers", "images"),
    [
        (PARK, 10, 300),
        (JANG, 6, 200),
        (PARK, 5, 100),
        (Readers(0.55, 0.55, ability_sd=0.3, leaning_sd=0.5, image_sd=0.6), 8, 100),
        (Readers(0.5, 0.5, leaning_sd=0.5), 4, 60),
    ],
    ids=["Park", "Jang", "five readers", "readers who differ", "readers who guess"],
)
def test_intervals_of_accuracy_cover_the_truth(people, readers, images):
    assert 0.93 <= coverage(people, readers, images) <= 0.97


def test_intervals_of_the_same_readers_cover_what_these_can():
    rng, skills, covered = np.random.default_rng(0), np.array([[0.5], [0.6], [0.8]]), 0
    for _ in range(STUDIES):
        kinds = []
        for _ in ("real", "synthetic"):
            image = rng.normal(0, 0.4, (1, 50))
            kinds.append(
                (rng.random((3, 50)) < ndtr(ndtri(skills) * np.hypot(1, 0.4) + image)) * 1.0
            )
        each = np.mean([kind.mean(1) for kind in kinds], 0)
        made = pooled(each, [kind / 2 for kind in kinds], 0.5, other_readers=False)
        covered += made.low <= skills.mean() <= made.high
    assert 0.93 <= covered / STUDIES <= 0.97


def test_as_if_all_answers_were_independent_the_interval_would_not_cover():
    rng, people, covered = np.random.default_rng(0), Readers(0.6, 0.6, ability_sd=0.2), 0
    for _ in range(300):
        right = np.concatenate(people.draw(6, 200, rng), 1)
        low, high = clopper_pearson(int(right.sum()), right.size)
        covered += low <= people.accuracy <= high
    assert covered / 300 < 0.7


def test_simulated_readers_agree_as_little_as_published_ones():
    rng, kappas = np.random.default_rng(0), []
    for _ in range(50):
        real, synthetic = PARK.draw(10, 300, rng)
        kappas.append(fleiss_kappa(tally(np.concatenate([real, 1 - synthetic], 1).astype(int), 2)))
    assert np.mean(kappas) == pytest.approx(0.11, abs=0.015)  # Park et al.


# Published: Park et al. 2021 (10 readers, 150 + 150 images), JMIR Med Inform 9(3):e23328


def test_park_against_chance():
    """Their p-values compare with a second sample that guesses: 779 of 1500 with 750 of 1500."""

    def two_samples(right, of):
        table = [[right, of - right], [of // 2, of - of // 2]]
        return stats.chi2_contingency(table, correction=False).pvalue

    assert round(1781 / 3000, 3) == 0.594 and two_samples(1781, 3000) < 0.001
    assert round(779 / 1500, 3) == 0.519 and round(two_samples(779, 1500), 2) == 0.29
    # Against the number 0.5 itself, as here, the verdicts are the same:
    assert stats.binomtest(1781, 3000).pvalue < 0.001
    assert round(stats.binomtest(779, 1500).pvalue, 2) == 0.14
    assert clopper_pearson(779, 1500) == pytest.approx((0.4937, 0.5449), abs=1e-4)


def test_jang_against_chance():
    """Jang et al. 2023 (6 readers): 200 images a trial is the least even number that fits."""
    for percent, right in ((67.42, 809), (69.92, 839)):
        fitting = [
            n for n in range(2, 402, 2)
            if any(round(100 * k / (6 * n), 2) == percent for k in range(4 * n, 5 * n))
        ]  # fmt: skip
        assert 200 in fitting
        assert round(100 * right / 1200, 2) == percent
        assert stats.binomtest(right, 1200).pvalue < 0.001


# Agreement


def direct_kappa(answers):
    """From the definition: over all images, all pairs of readers; answers (R, N)."""
    pairs = list(combinations(range(len(answers)), 2))
    observed = np.mean(
        [answers[a, n] == answers[b, n] for n in range(answers.shape[1]) for a, b in pairs]
    )
    shares = [np.mean(answers == k) for k in np.unique(answers)]
    expected = sum(s * s for s in shares)
    return (observed - expected) / (1 - expected)


@pytest.mark.parametrize("choices", [2, 5])
def test_kappa_equals_a_direct_computation(choices):
    rng = np.random.default_rng(choices)
    truth = rng.integers(0, choices, 40)
    answers = np.where(rng.random((4, 40)) < 0.5, truth, rng.integers(0, choices, (4, 40)))
    tallies = tally(answers, choices)
    kappa = fleiss_kappa(tallies)
    assert kappa == pytest.approx(direct_kappa(answers), abs=1e-12)
    low, high = kappa_interval(tallies, seed=0)
    assert -1 < low < kappa < high < 1 and high - low < 0.5


def test_kappa_of_a_known_table():
    """Fourteen readers, ten subjects, five categories: κ = 0.210, as textbooks have it."""
    table = np.array(
        [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
         [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
    )  # fmt: skip
    assert fleiss_kappa(table) == pytest.approx(0.210, abs=5e-4)


def test_agreement_without_any_difference_is_not_defined():
    assert np.isnan(fleiss_kappa(tally(np.zeros((3, 10), int), 2)))
    assert kappa_interval(tally(np.zeros((3, 10), int), 2), 0) == (None, None)
    assert fleiss_kappa(tally(np.tile(np.arange(10) % 2, (3, 1)), 2)) == 1


# Over readers


def test_auc_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    real, rates = np.arange(30) % 2 == 0, rng.integers(-5, 6, (3, 30))
    of_real, of_synthetic = placements(rates, real)
    for row in range(3):
        expected = roc_auc_score(real, rates[row])
        assert of_real[row].mean() == pytest.approx(expected)
        assert of_synthetic[row].mean() == pytest.approx(expected)


def test_one_more_like_reader_or_image_narrows_the_interval():
    rng = np.random.default_rng(0)

    def width(readers, images):
        made = [accuracy(PARK.draw(readers, images, rng)) for _ in range(100)]
        return np.mean([p.high - p.low for p in made])

    assert width(10, 100) < 0.8 * width(4, 100)
    assert width(6, 300) < 0.8 * width(6, 60)


def test_readers_who_are_all_right_are_not_known_to_be_so_always():
    perfect = pooled(np.ones(3), [np.ones((3, 20)) / 2] * 2, 0.5)
    assert (perfect.low, perfect.high) == pytest.approx(clopper_pearson(40, 40))
    assert perfect.p_value < 1e-6
    assert pooled(np.zeros(3), [np.ones((3, 20))] * 2, 0.0, (-1.0, 1.0)).low is None


# Planning


@pytest.mark.parametrize(("readers", "images"), [(10, 100), (6, 200), (5, 60)])
def test_planned_precision_is_what_studies_then_have(readers, images):
    rng, people = np.random.default_rng(0), Readers(0.6, 0.6, ability_sd=0.15, image_sd=0.0)
    halves = [accuracy(people.draw(readers, images, rng)) for _ in range(300)]
    abilities = ndtri(np.linspace(0.001, 0.999, 999)) * people.ability_sd
    within = np.hypot(1, people.leaning_sd)
    each = ndtr(ndtri(0.6) * np.hypot(within, people.ability_sd) / within + abilities / within)
    planned = expected_half_width(readers, images, 0.6, each.std(), agreement=0.0)
    assert np.mean([(p.high - p.low) / 2 for p in halves]) == pytest.approx(planned, rel=0.12)


def test_needed_images_are_the_least_that_suffice():
    for readers in (1, 10):
        needed = needed_images(0.06, readers)
        assert expected_half_width(readers, needed) <= 0.06
        assert expected_half_width(readers, needed - 2) > 0.06
    assert needed_images(0.05, 3) is None  # readers differ more than that among themselves
