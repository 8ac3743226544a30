"""Random steps, the classical augmentation of the documents.

Each takes float32 images in [0, 255], (n, height, width, channels), a key for stateless
draws, int64 (2,), and which `Rows` of a batch the images are if they are not all of it, and
treats every image of the batch differently. What comes in from outside of a picture is black.
With the same key a geometric one moves masks as it moves images.
"""

import math
from dataclasses import dataclass
from typing import Any

from tfmedgan.data.steps.geometry import Geometric
from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@dataclass(frozen=True)
class Rows:
    """Some images of a batch, which draw what they draw when the whole batch is there."""

    indices: Any  # integers (n,)
    of: int  # images in the batch


@dataclass(frozen=True)
class Flip(Geometric):
    """Mirror along an axis with probability `probability`."""

    probability: float = 0.5

    random = True
    axis = 0

    def __post_init__(self) -> None:
        share, name = self.probability, type(self).__name__
        require(0 <= share <= 1, f"{name}: probability is {share}; must be in [0, 1]")

    def __call__(self, images: Any, key: Any, rows: Rows | None = None) -> Any:
        import tensorflow as tf

        chosen = _uniform(images, key, rows, 0.0, 1.0) < self.probability
        flipped = tf.reverse(images, [self.axis])
        return tf.where(chosen[:, tf.newaxis, tf.newaxis, tf.newaxis], flipped, images)


@configuration
@dataclass(frozen=True)
class FlipHorizontal(Flip):
    """Mirror left and right with probability `probability`."""

    axis = 2


@configuration
@dataclass(frozen=True)
class FlipVertical(Flip):
    """Mirror top and bottom with probability `probability`."""

    axis = 1


@configuration
@dataclass(frozen=True)
class Rotate(Geometric):
    """Turn about the centre by an angle uniform in ±`degrees`, bilinear."""

    degrees: float = 15.0

    random = True

    def __post_init__(self) -> None:
        require(0 < self.degrees <= 180, f"Rotate: degrees is {self.degrees}; must be in (0, 180]")

    def __call__(self, images: Any, key: Any, rows: Rows | None = None) -> Any:
        return self._turned(images, key, rows, "BILINEAR")

    def of_mask(self, masks: Any, key: Any, rows: Rows | None = None) -> Any:
        return self._turned(masks, key, rows, "NEAREST")

    def _turned(self, images: Any, key: Any, rows: Rows | None, interpolation: str) -> Any:
        import tensorflow as tf

        limit = math.radians(self.degrees)
        angle = _uniform(images, key, rows, -limit, limit)
        return _about_centre(images, tf.cos(angle), tf.sin(angle), interpolation)


@configuration
@dataclass(frozen=True)
class Zoom(Geometric):
    """Enlarge about the centre by a factor uniform in [1 − amount, 1 + amount], bilinear."""

    amount: float = 0.1

    random = True

    def __post_init__(self) -> None:
        require(0 < self.amount < 1, f"Zoom: amount is {self.amount}; must be in (0, 1)")

    def __call__(self, images: Any, key: Any, rows: Rows | None = None) -> Any:
        return self._enlarged(images, key, rows, "BILINEAR")

    def of_mask(self, masks: Any, key: Any, rows: Rows | None = None) -> Any:
        return self._enlarged(masks, key, rows, "NEAREST")

    def _enlarged(self, images: Any, key: Any, rows: Rows | None, interpolation: str) -> Any:
        import tensorflow as tf

        factor = _uniform(images, key, rows, 1 - self.amount, 1 + self.amount)
        return _about_centre(images, 1 / factor, tf.zeros_like(factor), interpolation)


@configuration
@dataclass(frozen=True)
class Contrast:
    """Spread about each channel's mean by a factor uniform in [1 − amount, 1 + amount]."""

    amount: float = 0.1

    random = True
    geometric = False

    def __post_init__(self) -> None:
        require(0 < self.amount <= 1, f"Contrast: amount is {self.amount}; must be in (0, 1]")

    def __call__(self, images: Any, key: Any, rows: Rows | None = None) -> Any:
        import tensorflow as tf

        factor = _uniform(images, key, rows, 1 - self.amount, 1 + self.amount)
        mean = tf.reduce_mean(images, axis=(1, 2), keepdims=True)
        spread = mean + (images - mean) * factor[:, tf.newaxis, tf.newaxis, tf.newaxis]
        return tf.clip_by_value(spread, 0.0, 255.0)


def _uniform(images: Any, key: Any, rows: Rows | None, low: float, high: float) -> Any:
    """One number per image, float32 (n,)."""
    import tensorflow as tf

    count = [rows.of] if rows else tf.shape(images)[:1]
    # The algorithm is named, as draws otherwise differ between devices.
    numbers = tf.random.stateless_uniform(count, key, low, high, alg="philox")
    return tf.gather(numbers, rows.indices) if rows else numbers


def _about_centre(images: Any, cos: Any, sin: Any, interpolation: str = "BILINEAR") -> Any:
    """Sample at [cos −sin; sin cos]·(x − c) + c, the scale included in `cos` and `sin`."""
    import tensorflow as tf

    shape = tf.shape(images)
    y, x = (tf.cast(shape[1], tf.float32) - 1) / 2, (tf.cast(shape[2], tf.float32) - 1) / 2
    zero = tf.zeros_like(cos)
    rows = (cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, zero, zero)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack(rows, axis=1),
        output_shape=shape[1:3],
        fill_value=0.0,
        interpolation=interpolation,
    )
