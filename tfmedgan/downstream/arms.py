"""What each arm trains on: the real images, changed or added to."""

import numpy as np

from tfmedgan.data.balance import balanced
from tfmedgan.data.records import ImageArrays
from tfmedgan.downstream.config import CLASSICAL, OVERSAMPLED, DownstreamStudy


def added_counts(real: ImageArrays, n_classes: int, ratio: float) -> list[int]:
    """Synthetic images of each class: about `ratio` for each real image, to even out the classes.

    Every class grows to the same size: that of the largest, or more if the ratio allows it.
    """
    counts = np.bincount(real.labels, minlength=n_classes)
    size = max(counts.max(), round((1 + ratio) * counts.sum() / n_classes))
    return [int(size - count) for count in counts]


def alone_counts(real: ImageArrays, n_classes: int) -> list[int]:
    """Synthetic images of each class when they are used alone: together as many as the real."""
    return [-(-len(real) // n_classes)] * n_classes


def joined(real: ImageArrays, images: np.ndarray, labels: np.ndarray) -> ImageArrays:
    """Real and synthetic images together; the synthetic ones are named so."""
    return ImageArrays(
        np.concatenate([real.images, images]),
        np.concatenate([real.labels, labels]),
        (*real.names, *synthetic_names(len(labels))),
    )


def alone(images: np.ndarray, labels: np.ndarray) -> ImageArrays:
    return ImageArrays(images, labels, synthetic_names(len(labels)))


def synthetic_names(count: int) -> tuple[str, ...]:
    return tuple(f"synthetic/{index:06d}" for index in range(count))


def of_real_images(
    arm: str, study: DownstreamStudy, real: ImageArrays
) -> tuple[ImageArrays, tuple]:
    """Training images and steps of an arm that needs no generator."""
    steps = study.data.steps
    if arm == CLASSICAL:
        return real, (*steps, *study.classical)
    if arm == OVERSAMPLED:
        return balanced(real, "oversample"), steps
    return real, steps
