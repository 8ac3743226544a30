"""Distances of generated and held-out images to the training set, in features or in pixels."""

from dataclasses import dataclass

import numpy as np

from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.neighbours import nearest
from tfmedgan.evaluation.resize import resize

NEXT = 50  # neighbours that the nearest one is compared with
PIXELS = 32  # side to which images are reduced for distances in pixels


@dataclass(frozen=True)
class DistanceSpace:
    """Distances to the training set in one space."""

    name: str
    fake: np.ndarray  # (M,), to the nearest training image
    held_out: np.ndarray  # (H,)
    fake_relative: np.ndarray  # (M,), divided by the mean of the next ones
    held_out_relative: np.ndarray  # (H,)
    partner: np.ndarray  # int (M,), the nearest training image of each fake
    authentic: float  # share of fakes
    held_out_authentic: float


def distances(name: str, alone: bool, fake, training, held_out=None) -> DistanceSpace:
    """Distances in one space; `alone`: training images stand in for held-out ones."""
    count = min(NEXT, len(training) - 2) + 1
    apart, neighbours = nearest(fake, training, count)
    others, _ = nearest(training, training, count, exclude=np.arange(len(training)))
    if alone:
        real = others
        real_authentic = float("nan")  # a training image has no authenticity of its own
    else:
        real, real_neighbours = nearest(held_out, training, count)
        real_authentic = float((real[:, 0] > others[real_neighbours[:, 0], 0]).mean())
    return DistanceSpace(
        name,
        apart[:, 0],
        real[:, 0],
        _relative(apart),
        _relative(real),
        neighbours[:, 0],
        float((apart[:, 0] > others[neighbours[:, 0], 0]).mean()),
        real_authentic,
    )


def _relative(distances: np.ndarray) -> np.ndarray:
    scale = np.maximum(distances[:, 1:].mean(axis=1), np.finfo(float).tiny)
    return distances[:, 0] / scale


def pixels(pool: ImagePool) -> np.ndarray:
    """Images reduced to 32×32 at most, so that distances are root mean squares of grey levels."""

    def vector(image: np.ndarray) -> np.ndarray:
        size = tuple(min(side, PIXELS) for side in image.shape[:2])
        small = resize(image, size).ravel()
        return small / np.sqrt(np.float32(small.size))

    return pool.map(vector)
