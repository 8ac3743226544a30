"""What all phantoms are drawn with: dice, a canvas of integers, outlines and clouds.

Results must not depend on the machine. So randomness is PCG64's raw bits, which
NumPy never changes; cosines are rounded before use; masks are OpenCV's
fixed-point shapes, blurs and bit-exact resizing; blending is in int32.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tfmedgan.seeding import rng

SMALLEST = 256  # pixels a side of the canvas, before it is shrunk to the image
FRACTION = 4  # bits of a pixel's fraction in OpenCV's fixed-point coordinates
COARSE = 64  # pixels a side of a glow before it is enlarged


class Dice:
    """Random numbers of one image."""

    def __init__(self, seed: int, stream: str):
        self._bits = rng(seed, stream).bit_generator

    def reals(self, low: float, high: float, count: int) -> np.ndarray:
        """`count` numbers from [low, high), float64."""
        return low + (high - low) * ((self._bits.random_raw(count) >> 32) / 2**32)

    def real(self, low: float, high: float) -> float:
        """One number from [low, high)."""
        return low + (high - low) * ((self._bits.random_raw() >> 32) / 2**32)

    def whole(self, low: int, high: int) -> int:
        """One integer from low to high, both included."""
        return low + self._bits.random_raw() % (high - low + 1)

    def chance(self, percent: int) -> bool:
        """True in `percent` of 100 throws."""
        return self.whole(1, 100) <= percent

    def mix(self, colours: Sequence[Sequence[float]]) -> np.ndarray:
        """A colour somewhere between two of `colours`, float64."""
        first, second = (np.asarray(colours[self.whole(0, len(colours) - 1)]) for _ in range(2))
        return first + (second - first) * self.real(0, 1)

    def grain(self, *shape: int) -> np.ndarray:
        """Independent uniform bytes, uint8."""
        count = int(np.prod(shape))
        raw = self._bits.random_raw(-(-count // 8)).astype("<u8")
        return raw.view(np.uint8)[:count].reshape(shape)


def compass(degrees) -> np.ndarray:
    """Unit vectors, (..., 2), of headings counted from +x (right) towards -y (up)."""
    angle = np.asarray(degrees, float) * (np.pi / 180)
    return np.round(np.stack([np.cos(angle), -np.sin(angle)], axis=-1), 6)


def outline(
    dice: Dice, centre, radii, tilt: float = 0.0, roughness: float = 0.0, corners: int = 20
) -> np.ndarray:
    """Closed curve, (corners, 2): an ellipse tilted by `tilt` degrees, its radius varied by
    up to the part `roughness`."""
    across, up = compass(tilt), compass(tilt + 90)
    reach = dice.reals(1 - roughness, 1 + roughness, corners)[:, None]
    round_ = compass(np.arange(corners) * (360 / corners)) * reach * radii
    return np.asarray(centre) + round_[:, :1] * across - round_[:, 1:] * up


@dataclass(frozen=True)
class Frame:
    """Where the drawing's own coordinates, [-1, 1] with y downwards, lie on the canvas."""

    zoom: float = 1.0
    tilt: float = 0.0  # degrees
    shift: tuple[float, float] = (0.0, 0.0)
    mirrored: bool = False

    def place(self, points: np.ndarray) -> np.ndarray:
        """`points` (..., 2) in the canvas's [-1, 1]."""
        x, y = points[..., :1] * (-1 if self.mirrored else 1), points[..., 1:]
        return (x * compass(self.tilt) - y * compass(self.tilt + 90)) * self.zoom + self.shift


class Canvas:
    """Planes of int32, (channels, side, side), nominally 0 to 255, and masks to change them by.

    A mask is uint8, (side, side); 255 means fully.
    """

    def __init__(self, size: int, channels: int, frame: Frame = Frame()):
        self.factor = -(-SMALLEST // size)
        self.side = size * self.factor
        self.frame = frame
        self.planes = np.zeros((channels, self.side, self.side), np.int32)

    def mask(self) -> np.ndarray:
        """An empty mask."""
        return np.zeros((self.side, self.side), np.uint8)

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """`points` (n, 2) of the drawing in OpenCV's fixed-point pixels, int32."""
        placed = (self.frame.place(np.asarray(points, float)) + 1) * (self.side / 2)
        return np.rint(placed * (1 << FRACTION)).astype(np.int32)

    def fill(self, mask: np.ndarray, points: np.ndarray, value: int = 255) -> None:
        """Fill the closed curve `points`."""
        cv2.fillPoly(mask, [self.pixels(points)], value, cv2.LINE_AA, FRACTION)

    def stroke(self, mask: np.ndarray, points: np.ndarray, width, value: int = 255) -> None:
        """Draw an open line whose width, in parts of the canvas's half, goes from the first
        value of `width` to the second; a line thinner than a pixel is fainter instead."""
        pixels, (start, end) = self.pixels(points), width
        pieces = min(4, len(pixels) - 1)
        ends = [(len(pixels) - 1) * piece // pieces for piece in range(pieces + 1)]
        for piece in range(pieces):
            wide = (start + (end - start) * (piece + 0.5) / pieces) * self.frame.zoom
            wide *= self.side / 2
            thickness = max(1, int(wide + 0.5))
            strength = int(value * min(1.0, wide / thickness))
            part = [pixels[ends[piece] : ends[piece + 1] + 1]]
            cv2.polylines(mask, part, False, strength, thickness, cv2.LINE_AA, FRACTION)

    def soften(self, mask: np.ndarray, reach: float) -> np.ndarray:
        """The mask blurred over `reach` of the canvas's half."""
        kernel = 2 * int(reach * self.side / 2) + 1
        return cv2.GaussianBlur(mask, (kernel, kernel), 0)

    def glow(self, centre, radii, tilt: float = 0.0) -> np.ndarray:
        """Mask that falls smoothly, as (1 - r²)², from 255 at the centre to 0 at the radii."""
        middle = self.frame.place(np.asarray(centre, float)[None])[0]
        axis = np.linspace(-1, 1, COARSE)
        x, y = axis - middle[0], axis[:, None] - middle[1]
        flip = -1 if self.frame.mirrored else 1
        (c, s), (a, b) = compass(self.frame.tilt + tilt * flip), np.asarray(radii) * self.frame.zoom
        square = ((x * c + y * s) / a) ** 2 + ((y * c - x * s) / b) ** 2
        falling = np.maximum(0, 1 - square)
        return self._enlarge(np.rint(255 * falling * falling).astype(np.uint8))

    def clouds(self, dice: Dice, cells: int) -> np.ndarray:
        """Mask of smooth random clouds around 128, about `cells` of them along a side."""
        cells = min(cells, self.side)
        return self._enlarge(dice.grain(cells, cells))

    def paint(self, mask: np.ndarray, colour, opacity: float = 1.0) -> None:
        """Cover with `colour`, one number a channel."""
        weight = mask * np.int32(256 * opacity)
        for plane, level in zip(self.planes, colour, strict=True):
            plane += (weight * (np.int32(level) - plane)) >> 16

    def absorb(self, mask: np.ndarray, parts) -> None:
        """Take the parts, 0 to 1 a channel, of the light away; negative parts add light."""
        for plane, part in zip(self.planes, parts, strict=True):
            plane -= (plane * (mask * np.int32(256 * part) >> 8)) >> 8

    def add(self, mask: np.ndarray, amount: float) -> None:
        """Add `amount` grey levels to all channels."""
        self.planes += (mask * np.int32(256 * amount)) >> 16

    def finish(self, dice: Dice, noise: int) -> np.ndarray:
        """The image, uint8 (size, size, channels), with sensor noise of up to ± `noise` levels."""
        grain = dice.grain(*self.planes.shape) % np.uint8(2 * noise + 1)
        planes = np.clip(self.planes + grain - noise, 0, 255).astype(np.uint8)
        size = self.side // self.factor
        small = [cv2.resize(plane, (size, size), interpolation=cv2.INTER_AREA) for plane in planes]
        return np.stack(small, axis=-1)

    def _enlarge(self, small: np.ndarray) -> np.ndarray:
        """Bilinear twice, with a blur between, so that no cell shows its corners."""
        side = min(4 * len(small), self.side)
        middle = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR_EXACT)
        middle = cv2.GaussianBlur(middle, (5, 5), 0)
        return cv2.resize(middle, (self.side, self.side), interpolation=cv2.INTER_LINEAR_EXACT)
