"""The images of an experiment: where they come from, how they are split and prepared."""

from dataclasses import dataclass

from tfmedgan.errors import require, require_known
from tfmedgan.serialization import configuration

BALANCES = ("none", "oversample", "uniform-labels")
Range = tuple[float, float]


@configuration
@dataclass(frozen=True)
class DataConfig:
    """Where the images come from and what is done to them before the network."""

    source: str = ""  # SOURCE of the command line; empty: must be given
    steps: tuple = ()  # preprocessing, in order; see tfmedgan.data.steps
    classes: tuple[str, ...] = ()  # names to keep, in this order; empty: all
    images: int | None = None  # use at most so many training images
    fractions: tuple[float, float, float] = (0.70, 0.15, 0.15)  # train, validation, test
    split_file: str = ""  # a split written before; empty: made from `fractions` and the seed
    balance: str = "none"  # one of BALANCES
    allow_missing: bool = False  # go on when listed images are absent
    skip_bad: bool = False  # go on when images cannot be read, and record them
    masks: bool = False  # read the mask of each image, too, as a further channel; it must have one

    def __post_init__(self) -> None:
        require(
            all(f >= 0 for f in self.fractions)
            and self.fractions[0] > 0
            and abs(sum(self.fractions) - 1) < 1e-9,
            f"split fractions are {self.fractions}; the first must be above 0, the others 0 or "
            "more, and all sum to 1",
        )
        require(
            self.images is None or self.images > 0,
            f"number of images is {self.images}; must be above 0",
        )
        require_known("unknown balance", self.balance, BALANCES)

    @property
    def value_range(self) -> Range:
        """Range of the values that the steps deliver, that of the last `Rescale`, else [0, 255]."""
        ranges = [step.value_range for step in self.steps if hasattr(step, "value_range")]
        return ranges[-1] if ranges else (0.0, 255.0)
