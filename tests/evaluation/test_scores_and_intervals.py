"""Inception Score and the intervals."""

import numpy as np
import pytest
from scipy import stats

from tfmedgan.evaluation.intervals import bootstrap_means, clopper_pearson, delete_d_interval
from tfmedgan.evaluation.metrics.inception_score import inception_score, inception_score_splits


def test_inception_score_of_certain_and_balanced_classes_is_their_number():
    assert inception_score(np.eye(7)) == pytest.approx(7)
    assert inception_score(np.full((20, 7), 1 / 7)) == pytest.approx(1)


def test_inception_score_by_entropies():
    # exp(H(y) - E H(y|x)), the other form of the definition
    p = np.random.default_rng(0).dirichlet(np.ones(5), 50)
    expected = np.exp(stats.entropy(p.mean(0)) - stats.entropy(p, axis=1).mean())
    assert inception_score(p) == pytest.approx(expected, rel=1e-12)
    assert len(inception_score_splits(p)) == 10


def test_bootstrap_of_a_mean_has_the_normal_width():
    scores = np.random.default_rng(0).standard_normal(400)
    low, high = bootstrap_means([scores], np.random.default_rng(1), repeats=4000)
    assert (high - low) / 2 == pytest.approx(1.96 * scores.std() / 20, rel=0.1)
    assert low < scores.mean() < high


def test_delete_half_of_a_mean_has_the_normal_width():
    generator = np.random.default_rng(0)
    scores = generator.standard_normal(400)
    replicates = np.array([generator.permutation(scores)[:200].mean() for _ in range(400)])
    low, high = delete_d_interval(scores.mean(), replicates, 0.5)
    assert (high - low) / 2 == pytest.approx(1.96 * scores.std() / 20, rel=0.1)


def test_clopper_pearson_tables():
    low, high = clopper_pearson(0, 10)
    assert low == 0
    assert high == pytest.approx(1 - 0.025 ** (1 / 10), rel=1e-9)  # the closed form for none
