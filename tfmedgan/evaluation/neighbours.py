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


def distance_tiles(
    queries: np.ndarray, points: np.ndarray, *, once: bool = False
) -> Iterator[Tile]:
    """Squared Euclidean distances, float64, of some queries to some points at a time.

    Yields which queries, which points, and their distances; all points for the first queries,
    then all for the next ones.

    Args:
        once: of two equal sets, leave out tiles that are the transpose of an earlier one.
    """
    centre = points.mean(axis=0, dtype=np.float64)  # less cancellation in |a|² + |b|² - 2ab
    for part in _parts(len(queries)):
        block, lengths = _centred(queries[part], centre)
        for others in _parts(len(points), part.start if once else 0):
            candidates, norms = _centred(points[others], centre)
            squares = lengths[:, None] + norms
            product = block @ candidates.T
            product *= 2
            squares -= product
            del product
            yield part, others, np.maximum(squares, 0, out=squares)


def nearest_squares(points: np.ndarray, k: int) -> np.ndarray:
    """Squared distances of each point to its k nearest other points, nearest first, (N, k)."""
    least = np.full((len(points), k), np.inf)
    for part, others, squares in distance_tiles(points, points, once=True):
        _leave_out(squares, np.arange(part.start, part.stop) - others.start)
        _keep_least(least[part], squares)
        if others != part:
            _keep_least(least[others], squares.T)
    return least


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


def balls(
    guests: np.ndarray, centres: np.ndarray, squared: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Who lies in which ball (centre, squared radius).

    Returns:
        In how many balls each guest lies, int64, (M,), and whether each ball has a guest, bool,
        (N,).
    """
    counts, guested = np.zeros(len(guests), np.int64), np.zeros(len(centres), bool)
    for part, others, squares in distance_tiles(guests, centres):
        inside = squares < squared[others] * (1 - TIE)
        counts[part] += inside.sum(axis=1)
        guested[others] |= inside.any(axis=0)
    return counts, guested


def _parts(count: int, first: int = 0) -> Iterator[slice]:
    side = max(1, math.isqrt(BLOCK_BYTES // 8))
    for start in range(first, count, side):
        yield slice(start, min(start + side, count))


def _centred(vectors: np.ndarray, centre: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vectors about the centre, and their squared lengths."""
    moved = vectors - centre
    return moved, np.einsum("ij,ij->i", moved, moved)


def _keep_least(least: np.ndarray, squares: np.ndarray) -> None:
    """Put into each row of the least ones, in order, those of a row of squares that are less."""
    here = min(least.shape[1], squares.shape[1])
    candidates = np.partition(squares, here - 1, axis=1)[:, :here]
    both = np.sort(np.hstack([least, candidates]), axis=1)
    least[:] = both[:, : least.shape[1]]


def _leave_out(squares: np.ndarray, columns: np.ndarray) -> None:
    """Put infinity into one column of each row, where that column is in this tile."""
    rows = np.flatnonzero((columns >= 0) & (columns < squares.shape[1]))
    squares[rows, columns[rows]] = np.inf
