"""Where and how big: dice, headings, outlines and branching vessels, as points.

Randomness is PCG64's raw bits, which NumPy never changes; cosines come from a
table rounded to six digits, so that the last bit of a mathematical library
changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from tfmedgan.seeding import rng

T = TypeVar("T")
Outline = tuple[tuple[float, float], ...]  # corners, in the units of a `Frame`

_ANGLES = np.arange(3600) * (np.pi / 1800)
_CIRCLE = np.round(np.stack([np.cos(_ANGLES), -np.sin(_ANGLES)], axis=-1), 6)


class Dice:
    """Random numbers of one image."""

    def __init__(self, seed: int, stream: str):
        self._bits = rng(seed, stream).bit_generator

    def real(self, low: float, high: float) -> float:
        """A number from [low, high)."""
        return low + (high - low) * ((self._bits.random_raw() >> 32) / 2**32)

    def reals(self, low: float, high: float, *shape: int) -> np.ndarray:
        """Numbers from [low, high), float64."""
        raw = self._bits.random_raw(shape) >> 32
        return low + (high - low) * (raw / 2**32)

    def whole(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + self._bits.random_raw() % (high - low + 1)

    def chance(self, percent: int) -> bool:
        """True in `percent` of 100 throws."""
        return self.whole(1, 100) <= percent

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.whole(0, len(options) - 1)]

    def blend(self, colours: Sequence[Sequence[float]]) -> np.ndarray:
        """A colour somewhere between two of `colours`, float64."""
        first, second = np.asarray(self.pick(colours)), np.asarray(self.pick(colours))
        return first + (second - first) * self.real(0, 1)

    def grain(self, *shape: int) -> np.ndarray:
        """Independent uniform bytes, uint8."""
        count = int(np.prod(shape))
        raw = self._bits.random_raw(-(-count // 8)).astype("<u8")
        return raw.view(np.uint8)[:count].reshape(shape)


def compass(degrees: ArrayLike) -> np.ndarray:
    """Unit vectors, (..., 2), of headings counted from +x (right) towards -y (up)."""
    return _CIRCLE[np.rint(np.asarray(degrees) * 10.0).astype(np.int64) % 3600]


@dataclass(frozen=True)
class Frame:
    """Where a drawing's own coordinates, x to the right and y down, lie on the canvas's [-1, 1]."""

    zoom: float = 1.0
    tilt: float = 0.0  # degrees
    shift: tuple[float, float] = (0.0, 0.0)
    mirrored: bool = False

    def place(self, points: np.ndarray) -> np.ndarray:
        """`points`, (..., 2), on the canvas."""
        across = compass(self.tilt) * (-self.zoom if self.mirrored else self.zoom)
        down = compass(self.tilt - 90) * self.zoom
        return points[..., :1] * across + points[..., 1:] * down + self.shift


def outline(
    dice: Dice,
    centre: ArrayLike,
    radii: ArrayLike,
    tilt: float = 0.0,
    roughness: float = 0.0,
    corners: int = 20,
) -> np.ndarray:
    """Closed curve, (corners, 2): an ellipse tilted by `tilt` degrees, whose radius varies by
    up to the part `roughness`."""
    unit = compass(np.arange(corners) * (360 / corners))
    unit = unit * radii * dice.reals(1 - roughness, 1 + roughness, corners, 1)
    return np.asarray(centre) + unit[:, :1] * compass(tilt) + unit[:, 1:] * compass(tilt - 90)


def rounded(corners: Sequence[Sequence[float]]) -> np.ndarray:
    """Closed curve through three rounds of Chaikin's corner cutting, (8 n, 2)."""
    points = np.asarray(corners, float)
    for _ in range(3):
        following = np.roll(points, -1, axis=0)
        cut = [points * 0.75 + following * 0.25, points * 0.25 + following * 0.75]
        points = np.stack(cut, axis=1).reshape(-1, 2)
    return points


class Stems(NamedTuple):
    """Vessels before they grow."""

    roots: np.ndarray  # (n, 2)
    turns: np.ndarray  # (n, 2): first and last heading, degrees
    lengths: np.ndarray  # (n,)
    widths: np.ndarray  # (n,)


def grow(dice: Dice, stems: Stems, steps: int, wander: float) -> tuple[np.ndarray, np.ndarray]:
    """Courses, (n, steps + 1, 2), and headings, (n, steps), of vessels that turn early and
    wander by up to `wander` degrees a step."""
    count = len(stems.lengths)
    along = np.sqrt(np.arange(1, steps + 1) / steps)
    first, last = stems.turns[:, :1], stems.turns[:, 1:]
    headings = first + (last - first) * along
    headings = headings + np.cumsum(dice.reals(-wander, wander, count, steps), axis=1)
    strides = compass(headings) * (stems.lengths / steps)[:, None, None]
    origin = stems.roots[:, None]
    return np.concatenate([origin, origin + np.cumsum(strides, axis=1)], axis=1), headings


def fork(dice: Dice, stems: Stems, courses: np.ndarray, headings: np.ndarray, each: int) -> Stems:
    """`each` branches of every vessel, to either side in turn, thinner and shorter further out."""
    count, steps = headings.shape
    at = (np.arange(each) + dice.reals(0.3, 1.0, count, each)) * (steps / each)
    at = np.minimum(at.astype(int), steps - 1)
    parents = np.arange(count)[:, None]
    side = np.where(np.arange(each) % 2, -1, 1)
    leave = headings[parents, at] + side * dice.reals(25, 60, count, each)
    bend = leave - side * dice.reals(-15, 50, count, each)
    lengths = stems.lengths[:, None] * dice.reals(0.2, 0.42, count, each)
    widths = stems.widths[:, None] * (0.68 - 0.35 * at / steps)
    turns = np.stack([leave, bend], axis=-1).reshape(-1, 2)
    return Stems(courses[parents, at].reshape(-1, 2), turns, lengths.ravel(), widths.ravel())
