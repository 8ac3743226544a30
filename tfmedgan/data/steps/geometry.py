"""Image steps that change the size of a picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfmedgan.errors import require, require_known
from tfmedgan.serialization import configuration

ASPECTS = ("stretch", "pad", "crop", "shorter")


class Geometric:
    """A step that moves pixels, and those of a mask alike."""

    geometric = True

    def of_mask(self, *mask: Any) -> Any:
        """What the step makes of a mask in place of an image: values stay 0 and 255."""
        return self(*mask)  # type: ignore[operator]  # the step is the class that has this one


@configuration
@dataclass(frozen=True)
class Resize(Geometric):
    """Resize to `size` pixels: area average when shrinking (antialiased), else bicubic.

    `aspect` says what happens to pictures that are not square: "stretch" changes their
    proportions, "pad" adds black borders, "crop" keeps the central square; "shorter" keeps
    the proportions, the shorter side becomes `size`, and the result need not be square.
    """

    size: int
    aspect: str = "pad"

    def __post_init__(self) -> None:
        require(self.size >= 1, f"Resize: size is {self.size}; must be at least 1")
        require_known("Resize: unknown aspect", self.aspect, ASPECTS)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        return self._resized(image, nearest=False)

    def of_mask(self, mask: np.ndarray) -> np.ndarray:
        return self._resized(mask, nearest=True)

    def _resized(self, image: np.ndarray, nearest: bool) -> np.ndarray:
        import cv2

        if self.aspect == "crop":
            side = min(image.shape[:2])
            image = central(image, side, side)
        height, width = image.shape[:2]
        new = self._new_size(height, width)
        shrinking = new[0] * new[1] < height * width
        smooth = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
        # The exact one agrees with the others on where a pixel's centre is.
        method = cv2.INTER_NEAREST_EXACT if nearest else smooth
        resized = cv2.resize(image, (new[1], new[0]), interpolation=method)
        resized = resized.reshape(*new, image.shape[2])
        return resized if self.aspect == "shorter" else _pad(resized, self.size)

    def undone(self, picture: np.ndarray, height: int, width: int) -> np.ndarray:
        """What was found on the resized image, float32 (H, W), at the size that the image had.

        Bilinear; the borders of "pad" are cut off.

        Raises:
            InputError: for "crop", of which the rest of the image is not known.
        """
        import cv2

        require(self.aspect != "crop", f"{self}: cuts images, so that there is no way back")
        new = self._new_size(height, width)
        if self.aspect == "pad":
            picture = central(picture, *new)
        return cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)

    def _new_size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width before padding."""
        if self.aspect == "stretch":
            return self.size, self.size
        whole = min(height, width) if self.aspect == "shorter" else max(height, width)
        return max(1, round(self.size * height / whole)), max(1, round(self.size * width / whole))


@configuration
@dataclass(frozen=True)
class CentreCrop(Geometric):
    """The central square of `size` pixels."""

    size: int

    def __post_init__(self) -> None:
        require(self.size >= 1, f"CentreCrop: size is {self.size}; must be at least 1")

    def __call__(self, image: np.ndarray) -> np.ndarray:
        height, width = image.shape[:2]
        require(
            min(height, width) >= self.size,
            f"{width}×{height} pixels are too few for CentreCrop({self.size}); Resize first",
        )
        return central(image, self.size, self.size)


def central(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """The middle of an image."""
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return np.ascontiguousarray(image[top : top + height, left : left + width])


def _pad(image: np.ndarray, size: int) -> np.ndarray:
    if image.shape[:2] == (size, size):
        return image
    canvas = np.zeros((size, size, image.shape[2]), image.dtype)
    top, left = (size - image.shape[0]) // 2, (size - image.shape[1]) // 2
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return canvas
