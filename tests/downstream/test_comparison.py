"""The statistics of arms: coverage, widening, direction, pairing."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from tfmedgan.classifiers.score_list import SCORES
from tfmedgan.classifiers.softmax import softmax
from tfmedgan.downstream.comparison import _ends, _widening, compare, verdict
from tfmedgan.downstream.config import REAL
from tfmedgan.evaluation.intervals import Figure


def design(seed: int, replicates: int = 60):
    return SimpleNamespace(replicates=replicates, data_seed=seed, seeds=5, primary_metric="auroc")


def arms(generator, gains: dict[str, float], n: int = 40, seeds: int = 5):
    """Probabilities of arms that share the images' difficulty and differ in skill by `gains`."""
    labels = np.repeat([0, 1], n // 2)
    difficulty = generator.normal(size=n)
    probabilities = {}
    for arm, gain in gains.items():
        skills = 1 + gain + 0.4 * generator.normal(size=seeds)
        logits = [s * labels + difficulty + 0.5 * generator.normal(size=n) for s in skills]
        probabilities[arm] = [softmax(np.stack([0 * x, x], axis=1)) for x in logits]
    return labels, probabilities


def test_equal_arms_are_seldom_told_apart():
    """At most one false verdict in twelve studies of four arms each."""
    false = 0
    for repetition in range(12):
        generator = np.random.default_rng(repetition)
        labels, probabilities = arms(generator, dict.fromkeys((REAL, "a", "b", "c", "d"), 0.0))
        results = compare(design(repetition), labels, probabilities)
        false += any(r.verdict in ("better", "worse") for r in results)
    assert false <= 1


def test_unequal_arms_are_told_apart_in_the_right_direction():
    labels, probabilities = arms(
        np.random.default_rng(0), {REAL: 0.0, "good": 3.0, "bad": -2.0}, n=200
    )
    results = {r.arm: r for r in compare(design(0), labels, probabilities)}
    assert results["good"].verdict == "better" and results["bad"].verdict == "worse"
    gain = results["good"].differences["auroc"]
    assert gain.low <= gain.value <= gain.high
    assert gain.value == pytest.approx(
        results["good"].scores["auroc"].value - results[REAL].scores["auroc"].value
    )


def test_levels_finer_than_the_resamples_take_the_normal_distribution():
    spread = np.random.default_rng(0).normal(1, 2, 400)
    assert _ends(spread, 0.95) == pytest.approx(tuple(np.quantile(spread, [0.025, 0.975])))
    low, high = _ends(spread, 1 - 1e-5)
    assert low < spread.min() and high > spread.max()
    assert (high - low) / 2 == pytest.approx(stats.norm.ppf(1 - 5e-6) * spread.std(ddof=1))


def test_scores_stay_in_their_range():
    labels, probabilities = arms(np.random.default_rng(1), {REAL: 9.0, "same": 9.0})
    for result in compare(design(1), labels, probabilities):
        assert all(0 <= f.low <= f.value <= f.high <= 1 for f in result.scores.values())


@pytest.mark.parametrize("name", SCORES)
def test_any_score_may_decide(name):
    generator, labels = np.random.default_rng(2), np.repeat([0, 1], 30)
    noise = generator.uniform(size=(5, 60))
    sure = np.tile(0.01 + 0.98 * labels, (5, 1))
    probabilities = {
        arm: list(np.stack([1 - p, p], axis=-1)) for arm, p in ((REAL, noise), ("good", sure))
    }
    study = design(2)
    study.primary_metric = name
    good = compare(study, labels, probabilities)[1]
    assert good.decisive is good.joint[name] and good.verdict == "better"
    assert (good.differences[name].value < 0) == (SCORES[name].better == "lower")


def test_less_is_better_for_errors():
    assert verdict(Figure(-0.1, -0.2, -0.05), "brier") == "better"
    assert verdict(Figure(-0.1, -0.2, -0.05), "auroc") == "worse"
    assert verdict(Figure(-0.1, -0.2, 0.0), "brier") == "no difference shown"


@pytest.mark.parametrize("count", [3, 5, 10])
def test_resampled_seeds_are_widened_to_students_t(count):
    """The interval of a mean of few normal values, by resampling and by theory."""
    values = np.random.default_rng(count).normal(size=count)
    means = values[np.random.default_rng(0).integers(0, count, (20_000, count))].mean(axis=1)
    widened = values.mean() + _widening(count, 0.95) * (means - values.mean())
    wanted = stats.t.ppf(0.975, count - 1) * values.std(ddof=1) / np.sqrt(count)
    assert np.std(widened) * 1.96 == pytest.approx(wanted, rel=0.02)
