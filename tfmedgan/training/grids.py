"""Sample grids: many images in one picture, a named row per class."""

import numpy as np

MARGIN = 2
SMALLEST_TILE = 64  # smaller images are enlarged by a whole factor, pixels kept square


def grid(rows: np.ndarray, names: tuple[str, ...] = ()) -> np.ndarray:
    """Lay out images in a picture.

    Args:
        rows: uint8 (R, C, height, width, channels).
        names: one for each row, written at its left; empty for none.

    Returns:
        uint8 (H, W, 3).
    """
    factor = max(1, -(-SMALLEST_TILE // rows.shape[2]))
    rows = rows.repeat(factor, axis=2).repeat(factor, axis=3)
    if rows.shape[-1] == 1:
        rows = rows.repeat(3, axis=-1)
    border = ((0, 0), (0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0))
    tiles = np.pad(rows, border, constant_values=255)
    n_rows, n_columns, height, width, _ = tiles.shape
    picture = tiles.swapaxes(1, 2).reshape(n_rows * height, n_columns * width, 3)
    return np.hstack([_labels(names, height), picture]) if names else picture


def _labels(names: tuple[str, ...], height: int) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=14)
    width = int(max(font.getlength(name) for name in names)) + 12
    column = Image.new("RGB", (width, height * len(names)), "white")
    draw = ImageDraw.Draw(column)
    for row, name in enumerate(names):
        draw.text((6, (row + 0.5) * height), name, fill="black", font=font, anchor="lm")
    return np.asarray(column)
