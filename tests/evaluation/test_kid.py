"""Kernel distance against a double loop over all pairs."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from tfmedgan.evaluation.metrics import Sample
from tfmedgan.evaluation.metrics.kid import _measure, kid, kid_subsets


@pytest.fixture
def sets():
    generator = np.random.default_rng(0)
    return generator.standard_normal((23, 8)), generator.standard_normal((17, 8)) * 1.3 + 0.2


def _double_loop(real, fake):
    def kernel(x, y):
        return (x @ y / len(x) + 1) ** 3

    def within(x):
        pairs = [kernel(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j]
        return np.mean(pairs)

    return within(real) + within(fake) - 2 * np.mean([[kernel(a, b) for b in fake] for a in real])


def test_equals_the_double_loop(sets):
    # 1e-12: the same sums in another order
    assert kid(*sets) == pytest.approx(_double_loop(*sets), rel=1e-12)


def test_equals_scikit_learn_kernels(sets):
    real, fake = sets
    within = [
        (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))
        for k in (polynomial_kernel(x, degree=3, gamma=1 / 8, coef0=1) for x in sets)
    ]
    across = polynomial_kernel(real, fake, degree=3, gamma=1 / 8, coef0=1).mean()
    assert kid(*sets) == pytest.approx(sum(within) - 2 * across, rel=1e-12)


def test_is_unbiased_for_equal_distributions():
    generator = np.random.default_rng(1)
    values = [kid(*generator.standard_normal((2, 30, 8))) for _ in range(300)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(300)
    assert min(values) < 0


def test_mean_of_subsets_approaches_all_pairs(sets):
    values = kid_subsets(*sets, np.random.default_rng(0), subsets=2000)
    error = values.std() / np.sqrt(2000)
    assert values.mean() == pytest.approx(kid(*sets), abs=4 * error)


def test_blocks_do_not_change_the_value(sets, monkeypatch):
    whole = kid(*sets)
    monkeypatch.setattr("tfmedgan.evaluation.metrics.kid.BLOCK_ROWS", 5)
    assert kid(*sets) == pytest.approx(whole, rel=1e-12)


def test_interval_covers_the_true_value():
    # N(0, 1) against N(0.5, 1): the mean of many exact estimates stands for the truth.
    generator = np.random.default_rng(2)

    def draw():
        return generator.standard_normal((60, 4)), generator.standard_normal((60, 4)) + 0.5

    truth = np.mean([kid(*draw()) for _ in range(500)])
    hits = 0
    for _ in range(40):
        real, fake = draw()
        (row,) = _measure(Sample(features=real), Sample(features=fake), generator)
        hits += row.low <= truth <= row.high
    assert hits >= 34  # 95 % nominal; fewer than 34 of 40 has probability 0.3 %
