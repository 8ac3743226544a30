"""How much of an image its mask marks: of generated pairs beside real ones."""

import numpy as np

from tfmedgan.errors import InputError
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate


def marked_shares(images: ImagePool) -> np.ndarray:
    """Share of the pixels of each image that its mask marks, float64 (N,).

    Raises:
        InputError: for images without masks.
    """
    if images.read_mask is None:
        raise InputError(f"mask_share: {images.name}: images without masks; leave it out")
    return np.array([images.read_mask(index).mean() for index in range(len(images))])


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    estimates = []
    for kind, sample in (("fake", fake), ("real", real)):
        shares = marked_shares(sample.images)
        note = f"{np.mean(shares == 0):.0%} of the masks are empty"
        how = f"bootstrap of {len(shares)} masks"
        estimates.append(mean_estimate(f"mask_share_{kind}", shares, rng, how, note))
    return estimates


METRICS.add(
    "mask_share",
    Metric(
        gives=("mask_share_fake", "mask_share_real"),
        needs="images",
        measure=_measure,
        minimum=10,
        rank=8,
        bounds=(0.0, 1.0),
        better={"mask_share_fake": "closer"},
        default="for pairs",
        titles={
            "mask_share_fake": "Share of pixels in the mask, generated",
            "mask_share_real": "Share of pixels in the mask, real",
        },
    ),
)
