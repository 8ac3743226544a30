"""Chains of steps: their stages, how they run, and how they fit another image shape."""

from dataclasses import replace
from typing import Any

import numpy as np

from tfmedgan.data.masks import has_mask, image_channels
from tfmedgan.data.steps.geometry import CentreCrop, Resize
from tfmedgan.data.steps.intensity import Grayscale, Rescale, ToRGB
from tfmedgan.data.steps.random import Rows
from tfmedgan.errors import require
from tfmedgan.seeding import stream_seed


def standard_steps(image_shape: tuple[int, int, int]) -> tuple:
    """The chain for own data: fit into the square without distortion, then [-1, 1]."""
    size, _, channels = image_shape
    return (_colour(channels), Resize(size, aspect="pad"), Rescale(-1, 1))


def adapted(steps: tuple, image_shape: tuple[int, int, int]) -> tuple:
    """The same chain for another image size and number of channels."""
    size, _, channels = image_shape
    sized = (Resize, CentreCrop)
    chain = [replace(s, size=size) if isinstance(s, sized) else s for s in steps]
    colours = [index for index, s in enumerate(chain) if isinstance(s, Grayscale | ToRGB)]
    if colours:
        chain[colours[-1]] = _colour(channels)
    return tuple(chain)


def _colour(channels: int) -> Grayscale | ToRGB:
    return Grayscale() if image_channels(channels) == 1 else ToRGB()


def image_steps(steps: tuple) -> tuple:
    """The steps that run once per image."""
    return tuple(step for step in steps if stage(step) == 0)


def batch_steps(steps: tuple) -> tuple:
    """The random steps and `Rescale`, which run inside `tf.data`."""
    return tuple(step for step in steps if stage(step) > 0)


def stage(step: Any) -> int:
    """0 for an image step, 1 for a random step, 2 for `Rescale`."""
    if isinstance(step, Rescale):
        return 2
    return int(getattr(step, "random", False))


def check_chain(steps: tuple) -> None:
    """Check the order of the stages.

    Raises:
        InputError: naming the step that comes too late, or is not the first but should be.
    """
    for step in steps:
        require(callable(step), f"{step!r} is no step of a chain")
    stages = [stage(step) for step in steps]
    for before, after in zip(range(len(steps)), range(1, len(steps)), strict=False):
        require(
            stages[before] <= stages[after] and stages[before] < 2,
            f"{steps[after]} comes after {steps[before]}; the order is: steps on single images, "
            "random steps, one Rescale",
        )
    late = [step for step in steps[1:] if getattr(step, "sixteen_bits", False)]
    require(
        not late,
        f"{''.join(map(str, late[:1]))} is not the first step, which alone gets 16 bits",
    )


def check_masks(steps: tuple) -> None:
    """Check that each step says whether it moves pixels, so that masks stay with their images.

    Raises:
        InputError: naming the step that does not.
    """
    for step in steps:
        require(
            stage(step) == 2 or hasattr(step, "geometric"),
            f"{step}: does not say whether it moves pixels, so what becomes of masks is open; "
            "give its class geometric = False, or let it be a Geometric",
        )


def run_steps(image: np.ndarray, steps: tuple, mask: np.ndarray | None = None) -> np.ndarray:
    """An image after the image steps of a chain, its mask behind it as the last channel.

    Args:
        image: uint8 or uint16, (height, width) or (height, width, channels). 16 bits become 8
            by division by 257, the full range, unless the first step is a `Window`.
        steps: the whole chain; its later stages are left out.
        mask: uint8 (height, width, 1), 0 or 255; None: none.

    Returns:
        uint8 (height, width, channels).
    """
    image = image[..., np.newaxis] if image.ndim == 2 else image
    for step in image_steps(steps):
        image = step(image if getattr(step, "sixteen_bits", False) else to_bytes(image))
        if mask is not None and step.geometric:
            mask = step.of_mask(mask)
    image = to_bytes(image)
    return image if mask is None else np.concatenate([image, mask], axis=2)


def to_bytes(image: np.ndarray) -> np.ndarray:
    """16 bits to 8, rounded: 65535 / 257 = 255."""
    if image.dtype != np.uint16:
        return image
    return ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)


def run_batch_steps(
    images: Any, steps: tuple, seed: int, number: Any, rows: Rows | None = None
) -> Any:
    """A batch after the random steps and `Rescale`, float32.

    Args:
        images: uint8 tensor, (n, height, width, channels); of 2 and 4 the last is a mask.
        steps: the whole chain; its image steps are left out.
        seed: of the random steps.
        number: of the batch or of its first image, int64: equal numbers draw equally.
        rows: which of a batch's images these are; None: all.
    """
    import tensorflow as tf

    images = tf.cast(images, tf.float32)
    for index, step in enumerate(batch_steps(steps)):
        if stage(step) == 2:
            images = step(images)
        else:
            stream = stream_seed(seed, f"augmentation/{index}/{type(step).__name__}")
            key = tf.stack([tf.constant(stream, tf.int64), number])
            images = _drawn(step, images, key, *([rows] if rows else []))
    return images


def _drawn(step: Any, images: Any, *draw: Any) -> Any:
    """A batch after a random step, which moves masks as it moves their images."""
    import tensorflow as tf

    channels = images.shape[-1]
    if not has_mask(channels):
        return step(images, *draw)
    image, mask = images[..., :-1], images[..., -1:]
    moved = step.of_mask(mask, *draw) if step.geometric else mask
    return tf.concat([step(image, *draw), moved], axis=3)
