"""Chequers: how strongly pixels alternate, as strided transposed convolutions can make them.

Odena et al. 2016, "Deconvolution and checkerboard artifacts", shows the pattern; here its strength
is the amplitude of the highest frequency that pixels can hold, along rows and along columns.
"""

import numpy as np

from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate


def alternations(images: ImagePool) -> np.ndarray:
    """Amplitude at the frequency of one pixel, in grey levels, of each image, (N,)."""
    return images.map(lambda image: np.asarray(alternation(image)))


def alternation(image: np.ndarray) -> float:
    """Root mean square, over all rows and columns of (H, W, C), of how far they alternate.

    A row alternates by the mean of its pixels with + and − in turns: 0 where it is smooth, and the
    height of the teeth where every other pixel is lighter. An odd row goes without its last pixel.
    """
    grey = image.astype(np.float64).mean(axis=2)
    height, width = (side // 2 * 2 for side in grey.shape)
    signs = np.resize((1.0, -1.0), max(height, width))
    across = grey[:, :width] @ signs[:width] / width
    down = signs[:height] @ grey[:height] / height
    return float(np.sqrt((np.square(across).mean() + np.square(down).mean()) / 2))


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    estimates = []
    for name, sample in zip(GIVES, (fake, real), strict=True):
        values = alternations(sample.images)
        how = f"bootstrap of {len(values)} images"
        estimates.append(mean_estimate(name, values, rng, how))
    return estimates


GIVES = ("chequers_fake", "chequers_real")

METRICS.add(
    "chequers",
    Metric(
        gives=GIVES,
        needs="images",
        measure=_measure,
        minimum=10,
        rank=5,
        bounds=(0.0, 127.5),
        better={"chequers_fake": "closer", "chequers_real": "none"},
        caveat="fakes far above reals: a pattern of single pixels; far below: no fine texture",
        titles={
            "chequers_fake": "Chequers of single pixels, generated",
            "chequers_real": "Chequers of single pixels, real",
        },
    ),
)
