"""The thesis's protocol (iut2023, Figure 16): one generated image against every real image."""

import numpy as np

from tfmedgan.errors import require
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample, mean_estimate
from tfmedgan.evaluation.metrics.psnr import finite_mean
from tfmedgan.evaluation.similarity import psnr, ssim

CHUNK = 100
CAVEAT = (
    "one generated image against unrelated real images: a high value is a sign of copying "
    "or of blur, not of quality"
)


def one_vs_all(image: np.ndarray, reals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """PSNR, dB, and SSIM of one image, (H, W, C), against each of N reals; both (N,)."""
    repeated = np.broadcast_to(image, reals.shape)
    return psnr(reals, repeated), ssim(reals, repeated)


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    image = fake.images.read(int(rng.integers(fake.size)))
    parts = []
    for start in range(0, real.size, CHUNK):
        reals = real.images.stack(range(start, min(start + CHUNK, real.size)))
        require(
            reals.shape[1:] == image.shape,
            f"iut2023_one_vs_all: the generated image is {image.shape}, the real ones are "
            f"{reals.shape[1:]}; they must have one size",
        )
        parts.append(one_vs_all(image, reals))
    peaks, similarities = (np.concatenate(scores) for scores in zip(*parts, strict=True))
    value, low, high, note = finite_mean(peaks, rng)
    caveat = f"{CAVEAT}; {note}" if note else CAVEAT
    how = "bootstrap of the reals; the generated image is one"
    return [
        Estimate("iut2023_one_vs_all_psnr", value, low, high, how, caveat),
        mean_estimate("iut2023_one_vs_all_ssim", similarities, rng, how, caveat),
    ]


METRICS.add(
    "iut2023_one_vs_all",
    Metric(
        gives=("iut2023_one_vs_all_psnr", "iut2023_one_vs_all_ssim"),
        needs="images",
        measure=_measure,
        minimum=1,
        rank=8,
        bounds={"iut2023_one_vs_all_psnr": (0.0, np.inf), "iut2023_one_vs_all_ssim": (-1.0, 1.0)},
        better="none",
        default="never",
        caveat=CAVEAT,
        titles={
            "iut2023_one_vs_all_psnr": "PSNR of one against all, dB",
            "iut2023_one_vs_all_ssim": "SSIM of one against all",
        },
    ),
)
