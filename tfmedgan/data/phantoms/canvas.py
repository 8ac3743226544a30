"""What all phantoms are drawn on: a canvas of integers, and masks to change it by.

Results must not depend on the machine: masks are OpenCV's fixed-point shapes,
8-bit blurs and bit-exact enlargements; blending is in int32.
"""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import ArrayLike

from tfmedgan.data.phantoms.shapes import Dice, Frame, compass

SMALLEST = 256  # pixels a side of the canvas, before it is shrunk to the image
FRACTION = 4  # bits of a pixel's fraction in OpenCV's fixed-point coordinates
COARSE = 64  # pixels a side of a glow before it is enlarged


class Canvas:
    """Planes of int32, (channels, side, side), nominally 0 to 255.

    A mask is uint8, (side, side); 255 means fully. Lengths and points are in the
    drawing's own coordinates, [-1, 1], which `frame` puts on the canvas.
    """

    def __init__(self, size: int, channels: int, frame: Frame):
        self.size = size
        self.side = size * -(-SMALLEST // size)
        self.frame = frame
        self.planes = np.zeros((channels, self.side, self.side), np.int32)

    def mask(self) -> np.ndarray:
        """An empty mask."""
        return np.zeros((self.side, self.side), np.uint8)

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """`points`, (..., 2), in OpenCV's fixed-point pixels, int32."""
        scale = self.side / 2 * (1 << FRACTION)
        return np.rint((self.frame.place(points) + 1) * scale).astype(np.int32)

    def fill(self, mask: np.ndarray, points: np.ndarray, value: int = 255) -> None:
        """Fill the closed curve `points`, (n, 2)."""
        cv2.fillPoly(mask, [self.pixels(points)], value, cv2.LINE_AA, FRACTION)

    def region(self, points: np.ndarray, soft: float) -> np.ndarray:
        """Mask of the closed curve `points`, (n, 2), its border blurred over `soft`."""
        mask = self.mask()
        self.fill(mask, points)
        return self.soften(mask, soft)

    def strokes(self, mask: np.ndarray, courses: np.ndarray, widths: np.ndarray) -> None:
        """Open lines, (lines, points, 2), which taper to 40 % of their `widths`, (lines,).

        A line thinner than a pixel is drawn one pixel wide and fainter.
        """
        steps = courses.shape[1] - 1
        pieces = max(1, steps // 4)
        cuts = [steps * piece // pieces for piece in range(pieces + 1)]
        widths = np.asarray(widths) * (self.frame.zoom * self.side / 2)
        for course, width in zip(self.pixels(courses), widths.tolist(), strict=True):
            for piece in range(pieces):
                wide = width * (1 - 0.6 * (piece + 0.5) / pieces)
                thickness = int(wide + 0.5) or 1
                strength = int(255 * min(1.0, wide / thickness))
                part = course[cuts[piece] : cuts[piece + 1] + 1]
                cv2.polylines(mask, [part], False, strength, thickness, cv2.LINE_AA, FRACTION)

    def soften(self, mask: np.ndarray, reach: float) -> np.ndarray:
        """The mask blurred over `reach`; a wide blur is made on a coarser grid."""
        kernel = 2 * int(reach * self.frame.zoom * self.side / 2) + 1
        if kernel <= 15:
            return cv2.GaussianBlur(mask, (kernel, kernel), 0)
        coarse = self.side // 4
        small = cv2.resize(mask, (coarse, coarse), interpolation=cv2.INTER_AREA)
        kernel = kernel // 8 * 2 + 1
        return self._enlarge(cv2.GaussianBlur(small, (kernel, kernel), 0))

    def glow(self, centre: ArrayLike, radii: ArrayLike, tilt: float = 0.0) -> np.ndarray:
        """Mask that falls smoothly, as (1 - r²)², from 255 at the centre to 0 at the radii."""
        frame = self.frame
        middle = frame.place(np.asarray(centre, float))
        axis = (np.arange(COARSE) + 0.5) * (2 / COARSE) - 1
        x, y = axis - middle[0], axis[:, None] - middle[1]
        across = compass(frame.tilt + (-tilt if frame.mirrored else tilt))
        a, b = np.asarray(radii) * frame.zoom
        along, beside = x * across[0] + y * across[1], y * across[0] - x * across[1]
        falling = np.maximum(0, 1 - (along / a) ** 2 - (beside / b) ** 2)
        return self._enlarge(np.rint(255 * falling * falling).astype(np.uint8))

    def clouds(self, dice: Dice, cells: int) -> np.ndarray:
        """Mask of smooth random clouds around 128, `cells` of them along a side."""
        return self._enlarge(dice.grain(cells, cells))

    def paint(self, mask: np.ndarray, colour: Iterable[float], opacity: float = 1.0) -> None:
        """Cover with `colour`, a number a channel."""
        weight = mask.astype(np.int32) * int(257 * opacity)
        for plane, level in zip(self.planes, colour, strict=True):
            plane += (weight * (int(level) - plane)) >> 16

    def absorb(self, mask: np.ndarray, parts: Iterable[float]) -> None:
        """Take away the parts, 0 to 1 a channel, of the light."""
        weight = mask.astype(np.int32)
        for plane, part in zip(self.planes, parts, strict=True):
            plane -= (plane * (weight * int(257 * part))) >> 16

    def finish(self, dice: Dice, noise: int) -> np.ndarray:
        """The image, uint8 (size, size, channels), with sensor noise of up to ± `noise` levels."""
        planes = np.minimum(np.maximum(self.planes, 0), 255).astype(np.uint8)
        shape = (self.size, self.size)
        small = [cv2.resize(plane, shape, interpolation=cv2.INTER_AREA) for plane in planes]
        image = np.stack(small, axis=-1).astype(np.int16)
        grain = dice.grain(*image.shape) % np.uint8(2 * noise + 1)
        return np.clip(image + grain - noise, 0, 255).astype(np.uint8)

    def finished_mask(self, mask: np.ndarray) -> np.ndarray:
        """Where a mask covers half of a pixel of the image: uint8 (size, size, 1), 0 or 255."""
        small = cv2.resize(mask, (self.size, self.size), interpolation=cv2.INTER_AREA)
        return np.where(small >= 128, np.uint8(255), np.uint8(0))[..., np.newaxis]

    def _enlarge(self, small: np.ndarray) -> np.ndarray:
        """Bilinear twice, with a blur between, so that no cell shows its corners."""
        side = min(4 * len(small), self.side)
        middle = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR_EXACT)
        middle = cv2.GaussianBlur(middle, (5, 5), 0)
        return cv2.resize(middle, (self.side, self.side), interpolation=cv2.INTER_LINEAR_EXACT)


def overlap(*masks: np.ndarray) -> np.ndarray:
    """Product of masks."""
    product = masks[0]
    for mask in masks[1:]:
        product = ((product.astype(np.uint16) * mask + 127) // 255).astype(np.uint8)
    return product
