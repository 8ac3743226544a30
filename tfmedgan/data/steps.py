"""Steps of preprocessing: frozen callables whose repr is the record of what was done.

Deterministic steps take and return NumPy images, (height, width, channels),
uint8 unless said otherwise; they run once per image. `Rescale` comes last and
runs inside `tf.data`, so that prepared images are kept as bytes.
"""

from dataclasses import dataclass, replace

import numpy as np

from tfmedgan.config import Range, configuration
from tfmedgan.errors import require

ASPECTS = ("stretch", "pad", "crop")


@configuration
@dataclass(frozen=True)
class Resize:
    """Resize to a square of `size` pixels, antialiased when shrinking.

    `aspect` says what happens to pictures that are not square: "stretch" changes
    their proportions, "pad" adds black borders, "crop" keeps the central square.
    """

    size: int
    aspect: str = "pad"

    def __post_init__(self):
        require(self.size >= 1, f"Resize: size is {self.size}; must be at least 1")
        require(
            self.aspect in ASPECTS,
            f"Resize: unknown aspect {self.aspect!r}; valid: {', '.join(ASPECTS)}",
        )

    def __call__(self, image: np.ndarray) -> np.ndarray:
        import cv2

        if self.aspect == "crop":
            image = _central(image, min(image.shape[:2]), min(image.shape[:2]))
        height, width = image.shape[:2]
        scale = (1, 1) if self.aspect == "stretch" else (height, width)
        longest = max(scale)
        new = [max(1, round(self.size * side / longest)) for side in scale]
        shrinking = new[0] * new[1] < height * width
        method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
        resized = cv2.resize(image, (new[1], new[0]), interpolation=method)
        return _pad(resized.reshape(*new, image.shape[2]), self.size)


@configuration
@dataclass(frozen=True)
class Grayscale:
    """One channel: ITU-R BT.601 luma of RGB, as OpenCV computes it."""

    channels = 1

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

    def __call__(self, image: np.ndarray) -> np.ndarray:
        return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


@configuration
@dataclass(frozen=True)
class Rescale:
    """Map bytes, [0, 255], linearly to [low, high], float32; runs inside `tf.data`."""

    low: float = -1.0
    high: float = 1.0

    @property
    def value_range(self) -> Range:
        return (float(self.low), float(self.high))

    def __call__(self, images):
        import tensorflow as tf

        scale = (self.high - self.low) / 255.0
        return tf.cast(images, tf.float32) * scale + self.low


def standard_steps(image_shape: tuple[int, int, int]) -> tuple:
    """The chain for own data: fit into the square without distortion, then [-1, 1]."""
    size, _, channels = image_shape
    colour = Grayscale() if channels == 1 else ToRGB()
    return (colour, Resize(size, aspect="pad"), Rescale(-1, 1))


def adapted(steps: tuple, image_shape: tuple[int, int, int]) -> tuple:
    """The same chain for another image size and number of channels."""
    size, _, channels = image_shape
    colour = Grayscale() if channels == 1 else ToRGB()
    chain = [replace(s, size=size) if isinstance(s, Resize) else s for s in steps]
    return tuple(colour if isinstance(s, Grayscale | ToRGB) else s for s in chain)


def _central(image: np.ndarray, height: int, width: int) -> np.ndarray:
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top : top + height, left : left + width]


def _pad(image: np.ndarray, size: int) -> np.ndarray:
    canvas = np.zeros((size, size, image.shape[2]), image.dtype)
    top, left = (size - image.shape[0]) // 2, (size - image.shape[1]) // 2
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas
