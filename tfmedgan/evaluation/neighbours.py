"""Distances between two sets of feature vectors, a tile at a time, in bounded memory.

Besides the vectors as they are given, a few tiles are in memory, whatever the number of vectors.

A distance equal to a radius counts as outside, as in the implementation of Naeem et al.
The relative margin makes that independent of the rounding of matrix products.
"""

import math
from collections.abc import Iterator

import numpy as np

BLOCK_BYTES = 32 * 2**20  # of one tile of distances
TIE = 1e-9  # relative margin of squared distances

Tile = tuple[slice, slice, np.ndarray]


def distance_tiles(queries: np.ndarray, points: np.ndarray) -> Iterator[Tile]:
    """Squared Euclidean distances, float64, of some queries to some points at a time.

    Yields which queries, which points, and their distances; all points for the first queries,
    then all for the next ones.
    """
    centre = points.mean(axis=0, dtype=np.float64)  # less cancellation in |a|² + |b|² - 2ab
    for part in _parts(len(queries)):
        block, lengths = _centred(queries[part], centre)
        for others in _parts(len(points)):
            candidates, norms = _centred(points[others], centre)
            squares = lengths[:, None] + norms
            product = block @ candidates.T
            product *= 2
            squares -= product
            del product
            yield part, others, np.maximum(squares, 0, out=squares)


def squared_radii(points: np.ndarray, k: int) -> np.ndarray:
    """Squared distance of each point to its k-th nearest other point, shape (N,)."""
    least = np.full((len(points), k), np.inf)
    for part, others, squares in distance_tiles(points, points):
        _leave_out(squares, np.arange(part.start, part.stop) - others.start)
        here = min(k, squares.shape[1])
        squares.partition(here - 1, axis=1)
        both = np.concatenate([least[part], squares[:, :here]], axis=1)
        least[part] = np.partition(both, k - 1, axis=1)[:, :k]
    return least.max(axis=1)


def nearest(
    queries: np.ndarray, points: np.ndarray, k: int = 1, exclude: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest points of each query, nearest first.

    Args:
        exclude: int, (M,): for each query the index of one point to leave out.

    Returns:
        Distances, float64, and indices, int64, both of shape (M, k).
    """
    least = np.full((len(queries), k), np.inf)
    indices = np.zeros((len(queries), k), np.int64)
    for part, others, squares in distance_tiles(queries, points):
        if exclude is not None:
            _leave_out(squares, exclude[part] - others.start)
        here = min(k, squares.shape[1])
        candidates = np.argpartition(squares, here - 1, axis=1)[:, :here]
        values = np.hstack([least[part], np.take_along_axis(squares, candidates, axis=1)])
        places = np.hstack([indices[part], candidates + others.start])
        order = np.argsort(values, axis=1, kind="stable")[:, :k]
        least[part] = np.take_along_axis(values, order, axis=1)
        indices[part] = np.take_along_axis(places, order, axis=1)
    return np.sqrt(least), indices


def balls_around(queries: np.ndarray, centres: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """In how many balls (centre, squared radius) each query lies, int64, shape (M,)."""
    counts = np.zeros(len(queries), np.int64)
    for part, others, squares in distance_tiles(queries, centres):
        counts[part] += (squares < squared[others] * (1 - TIE)).sum(axis=1)
    return counts


def balls_with_a_guest(guests: np.ndarray, centres: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """Whether each ball (centre, squared radius) contains one of the guests, bool, shape (M,)."""
    guested = np.zeros(len(centres), bool)
    for part, _, squares in distance_tiles(centres, guests):
        guested[part] |= squares.min(axis=1) < squared[part] * (1 - TIE)
    return guested


def _parts(count: int) -> Iterator[slice]:
    side = max(1, math.isqrt(BLOCK_BYTES // 8))
    for start in range(0, count, side):
        yield slice(start, min(start + side, count))


def _centred(vectors: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vectors about the centre, and their squared lengths."""
    moved = vectors - centre
    return moved, np.einsum("ij,ij->i", moved, moved)


def _leave_out(squares: np.ndarray, columns: np.ndarray) -> None:
    """Put infinity into one column of each row, where that column is in this tile."""
    rows = np.flatnonzero((columns >= 0) & (columns < squares.shape[1]))
    squares[rows, columns[rows]] = np.inf
