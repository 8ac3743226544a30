"""What a network for features is, whichever way it was made."""

from collections.abc import Callable
from dataclasses import dataclass

from tfmedgan.evaluation.resize import RESIZER


@dataclass(frozen=True)
class Extractor:
    """A network that turns images into features, and what a protocol says of it."""

    name: str  # ends the names of metrics: kid_random
    sha256: str  # of the weights
    size: tuple[int, int]  # height and width that it takes
    channels: int
    network: Callable  # float32 (n, *size, channels) in [0, 255] → (n, d), (n, classes) or None

    @property
    def resizer(self) -> str:
        return f"{RESIZER}, to {self.size[0]}×{self.size[1]}"
