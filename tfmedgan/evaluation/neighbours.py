"""Distances between two sets of feature vectors, a block at a time, in bounded memory.

A distance equal to a radius counts as outside, as in the implementation of Naeem et al.
The relative margin makes that independent of the rounding of matrix products.
"""

from collections.abc import Iterator

import numpy as np

BLOCK_BYTES = 48 * 2**20
TIE = 1e-9  # relative margin of squared distances


def distance_blocks(queries: np.ndarray, points: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared Euclidean distances, float64, of some queries to all points at a time."""
    centre = points.mean(axis=0, dtype=np.float64)  # less cancellation in |a|² + |b|² - 2ab
    points = points - centre
    norms = np.einsum("ij,ij->i", points, points)
    rows = max(1, BLOCK_BYTES // (8 * len(points)))
    for start in range(0, len(queries), rows):
        part = slice(start, min(start + rows, len(queries)))
        block = queries[part] - centre
        squares = np.einsum("ij,ij->i", block, block)[:, None] + norms - 2 * (block @ points.T)
        yield part, np.maximum(squares, 0, out=squares)


def squared_radii(points: np.ndarray, k: int) -> np.ndarray:
    """Squared distance of each point to its k-th nearest other point, shape (N,)."""
    radii = np.empty(len(points))
    for part, squares in distance_blocks(points, points):
        rows = np.arange(part.stop - part.start)
        squares[rows, rows + part.start] = np.inf  # a point is not its own neighbour
        radii[part] = np.partition(squares, k - 1, axis=1)[:, k - 1]
    return radii


def nearest(
    queries: np.ndarray, points: np.ndarray, k: int = 1, exclude: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest points of each query, nearest first.

    Args:
        exclude: int, (M,): for each query the index of one point to leave out.

    Returns:
        Distances, float64, and indices, int64, both of shape (M, k).
    """
    distances = np.empty((len(queries), k))
    indices = np.empty((len(queries), k), np.int64)
    for part, squares in distance_blocks(queries, points):
        if exclude is not None:
            squares[np.arange(len(squares)), exclude[part]] = np.inf
        candidates = np.argpartition(squares, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(squares, candidates, axis=1)
        order = np.argsort(values, axis=1, kind="stable")
        distances[part] = np.sqrt(np.take_along_axis(values, order, axis=1))
        indices[part] = np.take_along_axis(candidates, order, axis=1)
    return distances, indices


def balls_around(queries: np.ndarray, centres: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """In how many balls (centre, squared radius) each query lies, int64, shape (M,)."""
    counts = np.empty(len(queries), np.int64)
    for part, squares in distance_blocks(queries, centres):
        counts[part] = (squares < squared * (1 - TIE)).sum(axis=1)
    return counts


def balls_with_a_guest(guests: np.ndarray, centres: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """Whether each ball (centre, squared radius) contains one of the guests, bool, shape (M,)."""
    found = np.empty(len(centres), bool)
    for part, squares in distance_blocks(centres, guests):
        found[part] = squares.min(axis=1) < squared[part] * (1 - TIE)
    return found
