"""Antialiased resizing in float, as Parmar et al. 2022 ("On aliased resizing") ask for."""

import numpy as np

RESIZER = "Pillow bicubic, antialiased, float32 per channel"


def resize(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A uint8 image, (height, width, channels), as float32 of (height, width) = `size`.

    Values keep the scale [0, 255]; the bicubic filter may overshoot a little.
    """
    from PIL import Image

    if image.shape[:2] == tuple(size):
        return image.astype(np.float32)
    planes = [Image.fromarray(image[..., c].astype(np.float32)) for c in range(image.shape[2])]
    resized = [plane.resize(size[::-1], Image.Resampling.BICUBIC) for plane in planes]
    return np.stack([np.asarray(plane) for plane in resized], axis=-1)


def to_channels(image: np.ndarray, channels: int) -> np.ndarray:
    """Grey repeated to RGB, or RGB reduced to the luma of ITU-R BT.601, the order first fixed."""
    if image.shape[2] == channels:
        return image
    if channels == 3:
        return np.repeat(image, 3, axis=2)
    return image @ np.array([[0.299], [0.587], [0.114]], np.float32)
