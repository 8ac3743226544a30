"""The experiment of a U-Net. No TensorFlow."""

from dataclasses import dataclass

from tfmedgan.config import DataConfig
from tfmedgan.data.steps import (
    Contrast,
    FlipHorizontal,
    FlipVertical,
    Resize,
    Rotate,
    ToRGB,
    Zoom,
)
from tfmedgan.errors import require, require_known
from tfmedgan.serialization import configuration
from tfmedgan.supervised.experiment import SupervisedExperiment

PRECISIONS = ("float32", "mixed_bfloat16", "auto")
# Classical augmentation; each acts on a mask as on its image, but for the contrast.
CLASSICAL = (FlipHorizontal(), FlipVertical(), Rotate(15.0), Zoom(0.1), Contrast(0.2))


@configuration
@dataclass(frozen=True)
class UNetConfig:
    """U-Net (Ronneberger et al. 2015), padded and with batch normalisation."""

    image_shape: tuple[int, int, int] = (64, 64, 3)  # height, width, channels without the mask
    width: int = 16  # filters of the first level, 64 in the paper; each lower one has twice as many
    depth: int = 4  # halvings of the image

    def __post_init__(self) -> None:
        height, width, channels = self.image_shape
        require(height == width, f"image shape is {self.image_shape}; images must be square")
        require(channels in (1, 3), f"number of channels is {channels}; valid: 1, 3")
        require(1 <= self.depth <= 6, f"depth is {self.depth}; must be in [1, 6]")
        require(4 <= self.width <= 128, f"width is {self.width}; must be in [4, 128]")
        part = 2**self.depth
        require(
            height % part == 0 and height > part,
            f"image size {height} is not possible; give a multiple of {part}, {2 * part} at least",
        )


@configuration
@dataclass(frozen=True)
class SegmentationExperiment(SupervisedExperiment):
    """A whole training of a U-Net; `data` reads masks."""

    network: UNetConfig
    batch_size: int = 16
    epochs: int = 100  # at most
    patience: int = 15
    precision: str = "auto"

    def __post_init__(self) -> None:
        super().__post_init__()
        require_known("unknown precision", self.precision, PRECISIONS)
        require(self.data.masks, "a U-Net learns from masks; the data's `masks` must be set")


UNET = SegmentationExperiment(
    DataConfig(steps=(ToRGB(), Resize(64)), masks=True), UNetConfig(), name="unet"
)
