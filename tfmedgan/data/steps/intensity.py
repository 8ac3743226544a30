"""Image steps that change values and channels, and `Rescale`."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfmedgan.config import Range
from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class Grayscale:
    """One channel: ITU-R BT.601 luma of RGB, as OpenCV computes it."""

    channels = 1
    geometric = False

    def __call__(self, image: np.ndarray) -> np.ndarray:
        import cv2

        if image.shape[2] == 1:
            return image
        return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., np.newaxis]


@configuration
@dataclass(frozen=True)
class ToRGB:
    """Three channels: a grey image repeated."""

    channels = 3
    geometric = False

    def __call__(self, image: np.ndarray) -> np.ndarray:
        return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


@configuration
@dataclass(frozen=True)
class Clahe:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994) of OpenCV.

    On the grey image, or on the lightness L of CIE LAB of a colour image.
    """

    clip_limit: float = 2.0
    tiles: int = 8  # in each direction

    geometric = False

    def __post_init__(self) -> None:
        require(self.clip_limit > 0, f"Clahe: clip limit is {self.clip_limit}; must be above 0")
        require(self.tiles >= 1, f"Clahe: {self.tiles} tiles; must be at least 1")

    def __call__(self, image: np.ndarray) -> np.ndarray:
        import cv2

        # Made anew for each image: its buffers must not be shared between threads.
        clahe = cv2.createCLAHE(self.clip_limit, (self.tiles, self.tiles))
        if image.shape[2] == 1:
            return clahe.apply(image[..., 0])[..., np.newaxis]
        lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
        lab[..., 0] = clahe.apply(np.ascontiguousarray(lab[..., 0]))
        return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


@configuration
@dataclass(frozen=True)
class Window:
    """Map the stored values [low, high] linearly to bytes; what lies outside is clipped.

    For 16-bit images, as the first step. Without it their full range, 0 to 65535, is mapped.
    """

    low: float
    high: float

    sixteen_bits = True
    geometric = False

    def __post_init__(self) -> None:
        require(self.low < self.high, f"Window: low {self.low} must be below high {self.high}")

    def __call__(self, image: np.ndarray) -> np.ndarray:
        share = (image.astype(np.float32) - self.low) / (self.high - self.low)
        return np.round(np.clip(share, 0, 1) * 255).astype(np.uint8)


@configuration
@dataclass(frozen=True)
class Rescale:
    """Map bytes, [0, 255], linearly to [low, high], float32; the last step, inside `tf.data`."""

    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        require(self.low < self.high, f"Rescale: low {self.low} must be below high {self.high}")

    @property
    def value_range(self) -> Range:
        return (float(self.low), float(self.high))

    def __call__(self, images: Any) -> Any:
        import tensorflow as tf

        scale = (self.high - self.low) / 255.0
        return tf.cast(images, tf.float32) * scale + self.low
