"""Masks of image files from a finished run, at the size of each file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmedgan.data.masks import OUTLINE, as_bytes, border
from tfmedgan.data.readers import read_image
from tfmedgan.data.steps import Resize, image_steps, run_steps
from tfmedgan.data.steps.chain import to_bytes
from tfmedgan.errors import require
from tfmedgan.files import adding_to, write_bytes
from tfmedgan.segmentation.files import images_below, targets
from tfmedgan.segmentation.fitting import Segmenter
from tfmedgan.segmentation.run import SegmentationRun
from tfmedgan.supervised.run import load_network
from tfmedgan.synthetic_png import encode_real_png

NOTE = "Predicted by a U-Net (tfmedgan); for research only, no basis for a diagnosis."


@dataclass(frozen=True)
class PredictedMask:
    """What was written for one image."""

    image: str
    mask: str
    share: float  # of the image's pixels that the mask covers


def load_unet(run: SegmentationRun) -> Segmenter:
    """The network of a run; see `load_network`."""
    return Segmenter(load_network(run))


def predict_folder(
    run: SegmentationRun, folder: Path, out: Path, *, overlay: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[PredictedMask]:  # fmt: skip
    """Write the mask of each image as a PNG of 0 and 255, of the same size and name.

    Args:
        overlay: also write the image with the mask's outline, into a folder "overlays".
        progress: called with (done, in all, what is done).

    Raises:
        InputError: for a file that cannot be read, or that would be overwritten. Nothing is
            written then, or when it is stopped.
    """
    places = targets(images_below(folder), out, overlay)
    masks = predicted_masks(run, [folder / path for path in places], progress)
    written = []
    with adding_to(out) as staging:
        for number, ((path, files), mask) in enumerate(zip(places.items(), masks, strict=True), 1):
            pictures = [as_bytes(mask)]
            if overlay:
                pictures.append(overlaid(read_image(folder / path), mask))
            for file, picture in zip(files, pictures, strict=True):
                staged = staging / file.relative_to(out)
                staged.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(staged, encode_real_png(picture, Note=NOTE))
            written.append(PredictedMask(str(path), str(files[0]), float(mask.mean())))
            if progress:
                progress(number, len(places), "writing")
    return written


def predicted_masks(
    run: SegmentationRun, paths: Sequence[Path],
    progress: Callable[[int, int, str], None] | None = None,
) -> Iterator[np.ndarray]:  # fmt: skip
    """The mask of each image file, bool (H, W), at its size; all are read before the first.

    Logits are brought back to the image's size, not masks, so that outlines stay smooth.
    """
    steps = run.experiment.data.steps
    resize, segmenter = only_resize(steps), load_unet(run)
    small, sizes = [], []
    for number, path in enumerate(paths, 1):
        image = read_image(path)
        small.append(run_steps(image, steps))
        sizes.append(image.shape[:2])
        if progress:
            progress(number, len(paths), "reading")
    for logits, size in zip(segmenter.logits(np.stack(small)), sizes, strict=True):
        yield resize.undone(logits, *size) > 0


def only_resize(steps: tuple) -> Resize:
    """The step that brought images to the network's size.

    Raises:
        InputError: where others moved pixels, too, so that the way back is not known.
    """
    moving = [step for step in image_steps(steps) if step.geometric]
    sizing = [step for step in moving if isinstance(step, Resize)]
    require(
        len(moving) == len(sizing) == 1,
        f"the steps {', '.join(map(str, moving))} moved pixels before training; masks at the size "
        "of an image can be made after one Resize alone",
    )
    return sizing[0]


def overlaid(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """An image with the outline of a mask, uint8 (H, W, 3)."""
    colour = to_bytes(image[..., np.newaxis] if image.ndim == 2 else image)
    picture = np.broadcast_to(colour, (*colour.shape[:2], 3)).copy()
    picture[border(mask, max(1, max(mask.shape) // 256))] = OUTLINE
    return picture
