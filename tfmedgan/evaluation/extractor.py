"""What turns images into features, whichever way it was made."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tfmedgan.evaluation.resize import RESIZER


@dataclass(frozen=True)
class Extractor:
    """A network, or formulas, for features of images, and what a protocol says of it."""

    name: str  # ends the names of metrics: kid_random
    sha256: str  # of the weights
    size: tuple[int, int] | None  # height and width that it takes; None: those of the images
    channels: int
    network: Callable  # float32 (n, *size, channels) in [0, 255] → (n, d), (n, classes) or None
    scaling: str = ""  # how values are scaled before the network, where a user said so
    standardised: bool = False  # whether metrics take features standardised on the reference

    @property
    def resizer(self) -> str:
        """What is done to images, as protocols have it."""
        if self.size is None:
            return "none"
        scaled = f"; values scaled: {self.scaling}" if self.scaling else ""
        return f"{RESIZER}, to {self.size[0]}×{self.size[1]}{scaled}"

    def comparable(self, reference: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
        """Features as metrics take them, those of the reference first.

        Features of very different units, such as those of radiomics, are standardised with mean
        and standard deviation of the reference, in float64; those constant there are left out.
        """
        if not self.standardised:
            return [reference, *others]
        varies = np.ptp(reference, axis=0) > 0
        kept = [np.float64(features[:, varies]) for features in (reference, *others)]
        mean, deviation = kept[0].mean(axis=0), kept[0].std(axis=0)
        return [(features - mean) / deviation for features in kept]
