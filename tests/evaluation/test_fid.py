"""Fréchet distance: closed forms, an independent matrix root, and few images."""

import time
import tracemalloc

import numpy as np
import pytest
from scipy import linalg

from tfmedgan.evaluation.metrics import METRICS, Sample
from tfmedgan.evaluation.metrics.fid import _quick, fid, fid_infinity, frechet_distance, halves


def _features(count, width, seed, shift=0.0):
    generator = np.random.default_rng(seed)
    mixing = generator.standard_normal((width, width)) / np.sqrt(width)
    return generator.standard_normal((count, width)) @ mixing + shift


def test_gaussians_in_closed_form():
    # Diagonal covariances commute: |m1-m2|² + Σ (σ1 - σ2)²
    mean1, mean2 = np.array([1.0, 2.0, 3.0]), np.array([0.0, 2.0, 5.0])
    sigma1, sigma2 = np.array([1.0, 2.0, 0.5]), np.array([3.0, 1.0, 0.5])
    value = frechet_distance(mean1, np.diag(sigma1**2), mean2, np.diag(sigma2**2))
    assert value == pytest.approx(5 + 4 + 1, rel=1e-12)


@pytest.mark.parametrize(("n_real", "n_fake"), [(400, 300), (2000, 90)])
def test_agrees_with_sqrtm(n_real, n_fake):
    # 1e-6: the accuracy of sqrtm itself on covariances of condition 1e6
    real, fake = _features(n_real, 64, 0), _features(n_fake, 64, 1, shift=0.1)
    covariances = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    means = real.mean(0), fake.mean(0)
    expected = np.sum((means[0] - means[1]) ** 2) + np.trace(sum(covariances) - 2 * root)
    assert fid(real, fake) == pytest.approx(expected, rel=1e-6)
    direct = frechet_distance(means[0], covariances[0], means[1], covariances[1])
    assert direct == pytest.approx(expected, rel=1e-6)


def test_fewer_images_than_features_agree_with_the_padded_problem():
    # Rotating into the span of the data changes no distance and gives small full problems
    real, fake = _features(30, 200, 0), _features(40, 200, 1)
    basis, _ = np.linalg.qr(np.concatenate([real, fake]).T)
    assert fid(real, fake) == pytest.approx(fid(real @ basis, fake @ basis), rel=1e-9)
    assert fid(real, fake[:5]) > 0


def test_fifty_images_on_2048_features_are_finite_and_real():
    value = fid(_features(50, 2048, 0), _features(50, 2048, 1))
    assert isinstance(value, float) and np.isfinite(value) and value > 0


def test_identical_sets_and_symmetry():
    real, fake = _features(100, 32, 0), _features(80, 32, 1)
    assert fid(real, real) == pytest.approx(0, abs=1e-9)
    assert fid(real, fake) == pytest.approx(fid(fake, real), rel=1e-10)
    assert fid(real, np.zeros_like(fake)) == pytest.approx(
        np.sum(real.mean(0) ** 2) + np.trace(np.cov(real, rowvar=False)), rel=1e-10
    )


def test_the_quick_form_for_subsets_agrees():
    # 1e-6: it squares the singular values
    for count in (300, 30):
        real, fake = _features(count, 64, 0), _features(count, 64, 1)
        assert _quick(real, fake) == pytest.approx(fid(real, fake), rel=1e-6)


def test_order_does_not_matter():
    real, fake = _features(100, 32, 0), _features(80, 32, 1)
    assert fid(real[::-1], fake[::-1]) == pytest.approx(fid(real, fake), rel=1e-10)


def test_extrapolation_removes_the_bias_of_few_images():
    generator = np.random.default_rng(0)
    values = []
    for _ in range(10):
        real, fake = generator.standard_normal((2, 400, 16))
        values.append((fid(real, fake), fid_infinity(real, fake, generator)[0]))
    plain, limit = np.mean(values, axis=0)
    assert plain > 0.15  # would be 0 with infinitely many images
    assert abs(limit) < plain / 4


def test_floor_is_that_of_equal_distributions():
    generator = np.random.default_rng(0)
    real, fake = generator.standard_normal((300, 16)), generator.standard_normal((200, 16))
    mixed, floor = halves(real, fake, generator)
    assert mixed.mean() == pytest.approx(floor.mean(), rel=0.2)
    shifted, _ = halves(real, fake + 1, generator)
    assert shifted.mean() > 10 * floor.mean()


def test_interval_covers_the_expected_value():
    # N(0, 1) against N(0.3, 1.2²) in 8 dimensions; the mean of many estimates stands for E[FID].
    generator = np.random.default_rng(0)

    def draw():
        return generator.standard_normal((200, 8)), generator.standard_normal((200, 8)) * 1.2 + 0.3

    truth = np.mean([fid(*draw()) for _ in range(300)])
    hits = 0
    for _ in range(40):
        real, fake = (Sample(features=x) for x in draw())
        row = METRICS["fid"].measure(real, fake, generator)[0]
        hits += row.low <= truth <= row.high
    assert hits >= 33  # 95 % nominal; fewer than 33 of 40 has probability 0.1 %


@pytest.mark.slow
def test_cached_features_take_less_than_ten_seconds():
    real, fake = np.random.default_rng(0).standard_normal((2, 10_000, 2048), np.float32)
    start = time.perf_counter()
    fid(real, fake)
    assert time.perf_counter() - start < 10


def test_subsets_of_many_vectors_are_not_copied():
    many = np.random.default_rng(0).standard_normal((60_000, 64), np.float32)
    tracemalloc.start()
    fid(many, many)
    halves(many, many, np.random.default_rng(1))
    fid_infinity(many, many, np.random.default_rng(2))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < many.nbytes / 2  # 15 MiB; in float64 twice as much, and half of it per subset


def test_blocks_of_rows_do_not_matter(monkeypatch):
    real, fake = _features(200, 32, 0), _features(150, 32, 1)
    whole = fid(real, fake), halves(real, fake, np.random.default_rng(1))[0]
    monkeypatch.setattr("tfmedgan.evaluation.metrics.fid.BLOCK_ROWS", 7)
    assert fid(real, fake) == pytest.approx(whole[0], rel=1e-10)
    assert halves(real, fake, np.random.default_rng(1))[0] == pytest.approx(whole[1], rel=1e-10)
