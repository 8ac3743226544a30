"""Paths between latent vectors, and the cut normal distribution."""

import numpy as np
import pytest
from scipy import stats

from tfmedgan.models.latent_space import interpolated, truncated

Z = np.random.default_rng(0).normal(size=(4, 100)).astype(np.float32)


def angles(path):
    directions = path.astype(float) / np.linalg.norm(path, axis=1, keepdims=True)
    return np.arccos((directions * np.roll(directions, -1, axis=0)).sum(axis=1))


@pytest.mark.parametrize("steps", [1, 2, 7])
def test_the_path_goes_through_the_latent_vectors(steps):
    path = interpolated(Z, steps)
    assert path.shape == (4 * steps, 100) and path.dtype == np.float32
    np.testing.assert_array_equal(path[::steps], Z)


def test_the_direction_turns_at_a_constant_speed_and_the_length_changes_evenly():
    """The angles of the last vector's steps are those back to the first."""
    path, between = interpolated(Z, 7), angles(Z)
    np.testing.assert_allclose(angles(path), np.repeat(between / 7, 7), rtol=1e-4)
    lengths = np.linalg.norm(path.astype(float), axis=1)
    ends = np.linalg.norm(Z.astype(float), axis=1)
    even = np.linspace(ends, np.roll(ends, -1), 7, endpoint=False).T
    np.testing.assert_allclose(lengths, even.ravel(), rtol=1e-6)


def test_half_way_is_not_shorter_as_on_a_straight_line():
    half = interpolated(Z[:2], 2)[1]
    assert np.linalg.norm(half) == pytest.approx(np.linalg.norm(Z[:2], axis=1).mean(), rel=1e-6)
    assert np.linalg.norm(Z[:2].mean(axis=0)) < 0.8 * np.linalg.norm(half)


def test_vectors_without_an_arc_between_them_are_joined_by_a_line():
    z = np.array([[2.0], [-1.0], [-1.0]], np.float32)
    path = interpolated(z, 3)[:, 0]
    np.testing.assert_allclose(path, [2, 1, 0, -1, -1, -1, -1, 0, 1], atol=1e-6)


@pytest.mark.parametrize("threshold", [0.01, 0.5, 2.0])
def test_truncated_vectors_have_the_cut_distribution(threshold):
    z = np.random.default_rng(1).normal(size=(50, 100)).astype(np.float32)
    cut = truncated(z, threshold)
    assert cut.dtype == np.float32 and np.abs(cut).max() <= threshold * (1 + 1e-6)
    known = stats.truncnorm(-threshold, threshold).cdf(np.sort(cut.ravel()))
    # Monotone, so that the quantiles are those of the normal draws.
    np.testing.assert_allclose(known, stats.norm.cdf(np.sort(z.ravel())), atol=1e-4)


def test_each_component_keeps_its_place_and_a_large_threshold_changes_nothing():
    z = np.concatenate([Z, [[-5.3, 0, 5.3, *[1e-6] * 97]]]).astype(np.float32)
    np.testing.assert_array_equal(truncated(z, 9.0), z)
    cut = truncated(z, 0.5)
    np.testing.assert_array_equal(np.argsort(cut[0]), np.argsort(z[0]))
    np.testing.assert_array_equal(np.sign(cut), np.sign(z))
