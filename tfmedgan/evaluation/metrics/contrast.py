"""Contrast: how far pixels vary over a set of images, and how many of them are black or white.

Long training on few images with strong augmentation can drive pictures to black and white while
distances of features still look well; and a generator whose images are too much alike varies
less than its reals.
"""

import cv2
import numpy as np

from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.intervals import delete_d_interval
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate

SIDE = 64  # pixels to which larger images are reduced for the standard deviation
MOST = 2000  # images that it is taken of
SEEN_AS_CLIPPED = 4  # grey levels from black or white that nobody sees
SUBSETS = 200  # for its interval


def clipped_shares(images: ImagePool) -> np.ndarray:
    """Share of values that are black or white, or within 4 grey levels of it, of each image, (N,).

    A step of a chain such as CLAHE may leave the black of real images at 3, while a generator has
    0 there, and neither is a poster.
    """
    black, white = SEEN_AS_CLIPPED, 255 - SEEN_AS_CLIPPED
    return images.map(lambda image: np.asarray(((image <= black) | (image >= white)).mean()))


def reduced(image: np.ndarray) -> np.ndarray:
    """Pixels as float32 (n,), of blocks' means where the image is larger than `SIDE`."""
    sides = [min(side, SIDE) for side in image.shape[:2]]
    small = cv2.resize(image, sides[::-1], interpolation=cv2.INTER_AREA)
    return small.astype(np.float32).ravel()


def pixel_deviation(
    images: ImagePool, rng: np.random.Generator
) -> tuple[float, float | None, float | None]:
    """Standard deviation of a pixel over the images, its mean over all pixels; and 95 % of it."""
    pixels = images.map(reduced)
    count, kept = len(pixels), len(pixels) // 2
    weights = np.full((1 + SUBSETS, count), 1 / count, np.float32)
    weights[1:] = 0
    for row in weights[1:]:
        row[rng.choice(count, kept, replace=False)] = 1 / kept
    variances = weights @ np.square(pixels) - np.square(weights @ pixels)
    deviations = np.sqrt(np.maximum(variances, 0)).mean(axis=1)
    value = float(deviations[0])
    return value, *delete_d_interval(value, deviations[1:], kept / count)


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    estimates = []
    for kind, sample in (("fake", fake), ("real", real)):
        images = sample.images
        chosen = images.take(rng.permutation(len(images))[:MOST])
        how = f"{SUBSETS} halves of {len(chosen)} images"
        estimates.append(Estimate(f"deviation_{kind}", *pixel_deviation(chosen, rng), how))
        shares = clipped_shares(images)
        estimates.append(
            mean_estimate(f"clipped_{kind}", shares, rng, f"bootstrap of {len(shares)} images")
        )
    return sorted(estimates, key=lambda estimate: GIVES.index(estimate.metric))


GIVES = ("deviation_fake", "deviation_real", "clipped_fake", "clipped_real")

METRICS.add(
    "contrast",
    Metric(
        gives=GIVES,
        needs="images",
        measure=_measure,
        minimum=10,
        rank=5,
        bounds={name: (0.0, 127.5 if name.startswith("deviation") else 1.0) for name in GIVES},
        better={name: "closer" if name.endswith("fake") else "none" for name in GIVES},
        caveat="fakes far above reals: pictures of black and white; far below: too little variety",
        titles={
            "deviation_fake": "Deviation of pixels, generated",
            "deviation_real": "Deviation of pixels, real",
            "clipped_fake": "Share of clipped pixels, generated",
            "clipped_real": "Share of clipped pixels, real",
        },
    ),
)
