"""Masks beside images: a mask is the last channel of 2 (grey and mask) or of 4 (RGB and mask).

In bytes a mask is 0 or 255. After `Rescale(-1, 1)` it is −1 or 1, and of a generated image it is
where that channel is above 0.
"""

from typing import Any

import numpy as np

from tfmedgan.config import MASKED
from tfmedgan.errors import require

OUTLINE = (0, 230, 255)  # RGB, a colour that tissue does not have
PICTURE = 128  # pixels to which smaller pictures are enlarged, so that an outline hides little
LISTED = 4  # values named of a mask that has too many


def has_mask(channels: int) -> bool:
    """Whether the last of so many channels is a mask."""
    return channels in MASKED


def image_channels(channels: int) -> int:
    """How many of the channels are the image's."""
    return channels - has_mask(channels)


def without_mask(images: Any) -> Any:
    """The image channels, (…, height, width, 1 or 3), of arrays or tensors."""
    return images[..., : image_channels(images.shape[-1])]


def masks_of(images: np.ndarray) -> np.ndarray:
    """The masks of images (…, height, width, 2 or 4), bool (…, height, width).

    Bytes are set from 128 on; other numbers, which are those after `Rescale(-1, 1)`, above 0.
    """
    last = images[..., -1]
    return last >= 128 if images.dtype == np.uint8 else last > 0


def with_masks(images: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """uint8 images (…, height, width, 1 or 3) and bool masks (…, height, width) as one array."""
    return np.concatenate([images, as_bytes(masks)[..., np.newaxis]], axis=-1)


def as_bytes(masks: np.ndarray) -> np.ndarray:
    """bool masks as uint8, 0 or 255."""
    return masks.astype(np.uint8) * np.uint8(255)


def outlined(image: np.ndarray) -> np.ndarray:
    """A picture of an image with the outline of its mask; one without a mask as it is.

    Args:
        image: uint8 (height, width, 1 to 4).

    Returns:
        uint8 (H, W, 3), enlarged by a whole factor to at least `PICTURE` pixels.
    """
    if not has_mask(image.shape[-1]):
        return image
    factor = max(1, -(-PICTURE // max(image.shape[:2])))
    large = image.repeat(factor, axis=0).repeat(factor, axis=1)
    picture = np.broadcast_to(without_mask(large), (*large.shape[:2], 3)).copy()
    picture[border(masks_of(large), max(1, max(large.shape[:2]) // PICTURE))] = OUTLINE
    return picture


def outlines(images: np.ndarray) -> list[np.ndarray]:
    """`outlined` of each image of a batch."""
    return [outlined(image) for image in images]


def border(mask: np.ndarray, width: int = 1) -> np.ndarray:
    """The pixels of a mask, bool (height, width), nearer than `width` to a pixel outside of it.

    Beyond the picture the mask goes on, so that no line is drawn where the picture ends.
    """
    import cv2

    around = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    inner = cv2.erode(mask.astype(np.uint8), around, borderValue=1)
    return mask & (inner == 0)


def binary(mask: np.ndarray, where: str) -> np.ndarray:
    """A mask as its file has it → uint8 (height, width, 1), 0 or 255.

    Args:
        mask: uint8, uint16 or bool, (height, width) or (height, width, 1 or 3 equal channels).
        where: begins errors: the file.

    Raises:
        InputError: for values beside 0 and one of 1, 255 and 65535, or for colours.
    """
    if mask.ndim == 3:
        grey = (mask == mask[..., :1]).all()
        require(grey, f"{where}: a coloured picture, no mask; write masks in grey, 0 and 255")
        mask = mask[..., 0]
    values = np.unique(mask)
    largest = values[-1]
    require(
        len(values) <= 2 and largest in (0, 1, 255, 65535) and values[0] in (0, largest),
        f"{where}: not binary, {_listed(values)}; a mask holds 0 and 255, or 0 and 1; JPEG "
        "changes values, so write PNG",
    )
    return as_bytes(mask != 0)[..., np.newaxis]


def is_telling(mask: np.ndarray) -> bool:
    """Whether two different images would hardly have this very mask, (height, width, 1).

    Not so of an empty or full one, nor of a filled box, which is drawn by hand or by rule.
    """
    rows, columns = (np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2)))
    if not len(rows):
        return False
    box = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return not box.all()


def _listed(values: np.ndarray) -> str:
    some = ", ".join(map(str, values[:LISTED].tolist()))
    more = f", … ({len(values)} values)" if len(values) > LISTED else ""
    return f"values {some}{more}"
