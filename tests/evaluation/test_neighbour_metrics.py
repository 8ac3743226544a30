"""Precision, recall, density and coverage against direct O(N²) computations."""

import tracemalloc

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from tfmedgan.evaluation import neighbours
from tfmedgan.evaluation.metrics import METRICS, Sample
from tfmedgan.evaluation.metrics.density_coverage import density_coverage
from tfmedgan.evaluation.metrics.precision_recall import harmonic_mean, precision_recall


@pytest.fixture
def sets():
    generator = np.random.default_rng(0)
    return generator.standard_normal((90, 6)), generator.standard_normal((70, 6)) * 0.8 + 0.3


def _distances(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))


def _radii(x, k):
    return np.sort(_distances(x, x), axis=1)[:, k]  # column 0 is the point itself


def test_precision_and_recall(sets):
    real, fake = sets
    across = _distances(real, fake)
    precision = (across < _radii(real, 3)[:, None]).any(0).mean()
    recall = (across < _radii(fake, 3)[None]).any(1).mean()
    assert precision_recall(real, fake) == (precision, recall)  # counts: no tolerance needed


def test_density_and_coverage(sets):
    real, fake = sets
    balls = _distances(real, fake) < _radii(real, 5)[:, None]
    density, coverage = density_coverage(real, fake)
    assert density == pytest.approx(balls.sum() / (5 * len(fake)), rel=1e-12)
    assert coverage == balls.any(1).mean()


def test_a_set_against_itself(sets):
    real, _ = sets
    assert precision_recall(real, real) == (1.0, 1.0)
    density, coverage = density_coverage(real, real)
    assert coverage == 1.0
    assert density == pytest.approx(1.0, rel=1e-12)  # itself and k - 1 nearer than the k-th, / k


def test_distributions_far_apart(sets):
    real, fake = sets
    assert precision_recall(real, fake + 100) == (0.0, 0.0)
    assert density_coverage(real, fake + 100) == (0.0, 0.0)
    assert harmonic_mean(0.0, 0.0) == 0.0
    assert harmonic_mean(0.5, 1.0) == pytest.approx(2 / 3)


def test_a_collapsed_generator_keeps_precision_and_loses_recall(sets):
    real, _ = sets
    fake = real[:1] + np.random.default_rng(1).standard_normal((70, 6)) * 1e-3
    precision, recall = precision_recall(real, fake)
    assert precision == 1.0
    assert recall < 0.05
    assert density_coverage(real, fake)[1] < 0.3


def test_blocks_and_order_do_not_matter(sets, monkeypatch):
    real, fake = sets
    whole = precision_recall(real, fake), density_coverage(real, fake)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 8 * 90 * 7)
    assert (precision_recall(real, fake), density_coverage(real, fake)) == whole
    assert precision_recall(real[::-1], fake[::-1]) == whole[0]


def test_nearest_agrees_with_scikit_learn(sets):
    real, fake = sets
    distances, indices = neighbours.nearest(fake, real, k=4)
    expected = NearestNeighbors(n_neighbors=4, algorithm="brute").fit(real).kneighbors(fake)
    np.testing.assert_allclose(distances, expected[0], rtol=1e-9)
    np.testing.assert_array_equal(indices, expected[1])


def test_nearest_can_leave_out_the_point_itself(sets):
    real, _ = sets
    distances, indices = neighbours.nearest(real, real, k=1, exclude=np.arange(len(real)))
    expected = NearestNeighbors(n_neighbors=1).fit(real).kneighbors()
    np.testing.assert_allclose(distances, expected[0], rtol=1e-9)
    np.testing.assert_array_equal(indices, expected[1])


def test_memory_is_not_quadratic(monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 2**20)
    points = np.random.default_rng(0).standard_normal((4000, 4))
    tracemalloc.start()
    neighbours.nearest_squares(points, 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20  # all pairs would be 122 MiB


@pytest.mark.parametrize("name", ["nearest", "balls", "balls of few"])
def test_no_second_copy_of_the_vectors_is_made(monkeypatch, name):
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 2**17)
    many = np.random.default_rng(0).standard_normal((20_000, 64), np.float32)
    few = many[:10] + 1
    calls = {
        "nearest": lambda: neighbours.nearest(few, many, 5),
        "balls": lambda: neighbours.balls(few, many, np.ones(len(many))),
        "balls of few": lambda: neighbours.balls(many, few, np.ones(10)),
    }
    tracemalloc.start()
    calls[name]()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < many.nbytes / 4  # in float64 it would be twice as much


def test_tiles_narrower_than_k_find_the_same_neighbours(sets, monkeypatch):
    real, fake = sets
    own = np.arange(len(real))
    whole = neighbours.nearest(real, real, 4, own), neighbours.nearest(fake, real, 4)
    squares = neighbours.nearest_squares(real, 4)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 8 * 3 * 3)  # fewer columns than neighbours
    for found, expected in zip(
        (neighbours.nearest(real, real, 4, own), neighbours.nearest(fake, real, 4)), whole,
        strict=True,
    ):  # fmt: skip
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-9)
        np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_allclose(neighbours.nearest_squares(real, 4), squares, rtol=1e-9)


def test_distances_are_computed_as_seldom_as_they_can_be(sets, monkeypatch):
    pairs = []

    def counted(queries, points, *, once=False):
        for part, others, squares in tiles(queries, points, once=once):
            pairs.append(squares.size)
            yield part, others, squares

    tiles = neighbours.distance_tiles
    monkeypatch.setattr(neighbours, "distance_tiles", counted)
    monkeypatch.setattr(neighbours, "BLOCK_BYTES", 8)  # tiles of one distance
    real, fake = (Sample(features=vectors) for vectors in sets)
    for name in ("precision_recall", "density_coverage"):
        METRICS[name].measure(real, fake, np.random.default_rng(0))
    of_one_set = sum(n * (n + 1) // 2 for n in (real.size, fake.size))
    between_two = 3 * real.size * fake.size  # precision; recall; density and coverage
    assert sum(pairs) == of_one_set + between_two
