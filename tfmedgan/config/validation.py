"""How an experiment is watched while it is trained."""

from dataclasses import dataclass

from tfmedgan.errors import require
from tfmedgan.serialization import configuration

FEWEST_VALIDATION_IMAGES = 20
DEFAULT_FEATURES = "multiscale"  # of what is begun now; what names none was begun with `random`


@configuration
@dataclass(frozen=True)
class ValidationConfig:
    """How often the generator is compared with validation images, and what follows from it."""

    every: int = 0  # epochs between comparisons; 0: never
    features: str = "random"  # extractor for KID and FID
    images: int = 500  # at most so many are generated, and as many reals taken
    patience: int = 0  # stop when FID has not improved for so many epochs; 0: go on
    loss_patience: int = 0  # stop when the validation loss has risen for so many; 0: go on

    def __post_init__(self) -> None:
        for name in ("every", "patience", "loss_patience"):
            value = getattr(self, name)
            require(value >= 0, f"{name} of the validation is {value}; must not be negative")
        fewest = FEWEST_VALIDATION_IMAGES
        require(
            self.images >= fewest, f"images of the validation is {self.images}; at least {fewest}"
        )
        require(
            self.every > 0 or not (self.patience or self.loss_patience),
            "stopping early needs validation; give --validate-every N",
        )
