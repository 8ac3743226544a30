"""Synthetic images that are test images under another name."""

import numpy as np

from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import require

CLOSEST = 3.0  # grey levels, root mean square: what encoding a picture anew changes
BLOCK = 256  # images compared at a time


def closest_pair(ours: np.ndarray, others: np.ndarray) -> tuple[int, int, float]:
    """The nearest two pictures: their positions, and their distance in grey levels (RMS).

    Args:
        ours, others: uint8 (n, H, W, C) and (m, H, W, C).
    """
    left, right = _flat(ours), _flat(others)
    squares = np.square(right).sum(axis=1)
    best = (0, 0, np.inf)
    for start in range(0, len(left), BLOCK):
        block = left[start : start + BLOCK]
        distance = np.square(block).sum(axis=1)[:, np.newaxis] + squares - 2 * block @ right.T
        row, column = np.unravel_index(distance.argmin(), distance.shape)
        if distance[row, column] < best[2]:
            best = (start + int(row), int(column), float(distance[row, column]))
    return best[0], best[1], float(np.sqrt(max(best[2], 0) / left.shape[1]))


def require_disjoint(test: ImageArrays, images: np.ndarray, names: tuple[str, ...]) -> None:
    """Refuse synthetic images of which one is a test image.

    Raises:
        InputError: naming the pair.
    """
    row, column, distance = closest_pair(test.images, images)
    require(
        distance > CLOSEST,
        f"leak: test image {test.names[row]} and training image {names[column]} differ by "
        f"{distance:.1f} grey levels; test images must be real and seen by no generator",
    )


def _flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float64)
