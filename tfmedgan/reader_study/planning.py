"""How many images a study needs, computed before it."""

import numpy as np
from scipy import stats

from tfmedgan.evaluation.intervals import LEVEL, clopper_pearson

READER_SD = 0.05  # between the accuracies of readers
AGREEMENT = 0.1  # κ between readers was 0.11 in Park et al. 2021, 0.10 and 0.14 in Jang et al. 2023
MOST = 10_000


def expected_half_width(
    readers: int,
    images: int,
    accuracy: float = 0.6,
    reader_sd: float = READER_SD,
    agreement: float = AGREEMENT,
) -> float:
    """Half of the pooled accuracy's 95 % interval, as `crossed.pooled` is expected to give it.

    Args:
        reader_sd: standard deviation of the accuracies that readers would have on endless images.
        agreement: κ between readers.
    """
    if readers == 1:
        return one_reader_half_width(images, accuracy)
    one = accuracy * (1 - accuracy)
    of_image, of_reader = agreement * one, reader_sd**2
    rest = max(one - of_image - of_reader, 0.0) / (readers * images)
    from_readers, from_images = of_reader / readers + rest, of_image / images + rest
    variance = from_readers + from_images - rest
    freedom = variance**2 / (from_readers**2 / (readers - 1) + from_images**2 / max(images - 2, 1))
    return min(0.5, float(stats.t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(variance)))


def one_reader_half_width(images: int, accuracy: float = 0.6) -> float:
    """Half of one reader's exact 95 % interval, which says nothing of other readers."""
    low, high = clopper_pearson(round(accuracy * images), images)
    return (high - low) / 2


def needed_images(
    precision: float,
    readers: int,
    accuracy: float = 0.6,
    reader_sd: float = READER_SD,
    agreement: float = AGREEMENT,
) -> int | None:
    """The least even number of images for a half width of `precision`; None if none will do."""

    def enough(images: int) -> bool:
        half = expected_half_width(readers, images, accuracy, reader_sd, agreement)
        return half <= precision

    if not enough(MOST):
        return None
    low, high = 1, MOST // 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(2 * middle) else (middle + 1, high)
    return 2 * low
