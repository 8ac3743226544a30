"""Grids: many images in one picture, a named row per class or per set."""

from collections.abc import Sequence

import numpy as np

Images = Sequence[np.ndarray] | np.ndarray

MARGIN = 2
SMALLEST_TILE = 64  # smaller images are enlarged by a whole factor, pixels kept square


def grid(rows: Sequence[Images] | np.ndarray, names: tuple[str, ...] = ()) -> np.ndarray:
    """Lay out images in a picture.

    Args:
        rows: images, uint8 (height, width, 1 or 3), row by row; an array (R, C, height, width,
            channels) will do. Rows may be of different lengths and sizes.
        names: one for each row, written at its left; empty for none.

    Returns:
        uint8 (H, W, 3), white where no image is.
    """
    largest = np.max([image.shape[:2] for row in rows for image in row], axis=0)
    tile = largest * max(1, -(-SMALLEST_TILE // largest.max()))
    height, width = tile + 2 * MARGIN
    picture = np.full((height * len(rows), width * max(map(len, rows)), 3), 255, np.uint8)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            factor = min(tile // image.shape[:2])
            enlarged = image.repeat(factor, 0).repeat(factor, 1)
            top, left = i * height + MARGIN, j * width + MARGIN
            picture[top : top + enlarged.shape[0], left : left + enlarged.shape[1]] = enlarged
    return np.hstack([_labels(names, height), picture]) if names else picture


def in_rows(images: Images, columns: int) -> list[Images]:
    """The images, so many a row, for `grid`; the last row may be shorter."""
    return [images[start : start + columns] for start in range(0, len(images), columns)]


def pairs(left: Images, right: Images, columns: int) -> np.ndarray:
    """A picture as `grid` makes it of images beside their partners, so many pairs a row.

    A pair is as far from the next one as half an image is wide.
    """
    images = [image for pair in zip(left, right, strict=True) for image in pair]
    picture = grid(in_rows(images, 2 * columns))
    across = min(columns, len(left))
    parts = picture.reshape(len(picture), across, -1, 3)
    gap = ((0, 0), (0, 0), (0, parts.shape[2] // 4), (0, 0))
    return np.pad(parts, gap, constant_values=255).reshape(len(picture), -1, 3)


def _labels(names: tuple[str, ...], height: int) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=14)
    width = int(max(font.getlength(name) for name in names)) + 12
    column = Image.new("RGB", (width, height * len(names)), "white")
    draw = ImageDraw.Draw(column)
    for row, name in enumerate(names):
        draw.text((6, (row + 0.5) * height), name, fill="black", font=font, anchor="lm")
    return np.asarray(column)
