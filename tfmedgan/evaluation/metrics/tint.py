"""Tint: how far the colours of images are from grey.

A network of three channels that learns from grey images gives each channel noise of its own. Two
grey levels of it are hardly seen and cost a generator of X-rays nearly all of its precision and
coverage on Inception's features (benchmarks/curves.md): those were learned from colour pictures.
"""

import numpy as np

from tfmedgan.errors import InputError
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate


def is_coloured(images: ImagePool) -> bool:
    """Whether the images have channels of colour, be they alike."""
    return images.shape[-1:] == (3,)


def tints(images: ImagePool) -> np.ndarray:
    """Mean distance of the channels from their mean, in grey levels, of each image, (N,).

    Raises:
        InputError: for images of one channel.
    """
    if not is_coloured(images):
        raise InputError(f"tint: {images.name}: images without three channels; leave it out")
    return images.map(lambda image: np.asarray(tint(image)))


def tint(image: np.ndarray) -> float:
    """That of one image, (H, W, 3)."""
    values = image.astype(np.float64)
    return float(np.abs(values - values.mean(axis=2, keepdims=True)).mean())


def made_grey(image: np.ndarray) -> np.ndarray:
    """The image, uint8 (H, W, 3), with the mean of its channels in each."""
    mean = np.rint(image.mean(axis=2, keepdims=True)).astype(np.uint8)
    return np.repeat(mean, 3, axis=2)


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    estimates = []
    for name, sample in zip(GIVES, (fake, real), strict=True):
        values = tints(sample.images)
        estimates.append(mean_estimate(name, values, rng, f"bootstrap of {len(values)} images"))
    return estimates


GIVES = ("tint_fake", "tint_real")

METRICS.add(
    "tint",
    Metric(
        gives=GIVES,
        needs="images",
        measure=_measure,
        minimum=10,
        rank=5,
        bounds=(0.0, 255 * 4 / 9),  # of pure red, green or blue
        better={"tint_fake": "closer", "tint_real": "none"},
        default="for colours",
        caveat="reals at 0 and fakes above: grey images learned in colour; train with one channel",
        titles={
            "tint_fake": "Tint, generated",
            "tint_real": "Tint, real",
        },
    ),
)
