"""The experiment of a network that learns from labels or masks: what all of them share."""

from dataclasses import dataclass
from typing import Any

from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.errors import require
from tfmedgan.serialization import JsonDocument

ADAM = AdamConfig(1e-3, 0.9)


@dataclass(frozen=True)
class SupervisedExperiment(JsonDocument):
    """Training by steps with Adam, ended early by the loss on the validation part."""

    data: DataConfig
    network: Any  # the network's configuration
    optimizer: AdamConfig = ADAM
    batch_size: int = 32
    epochs: int = 60  # at most
    updates_per_epoch: int = 0  # 0: one pass over the training images
    patience: int = 12  # stop when the validation loss has not improved for so many; 0: go on
    seed: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        require(self.batch_size >= 2, f"batch size is {self.batch_size}; must be at least 2")
        require(self.epochs >= 1, f"number of epochs is {self.epochs}; must be at least 1")
        require(self.patience >= 0, f"patience is {self.patience}; must not be negative")
        require(0 <= self.seed < 2**31, f"seed is {self.seed}; must be in [0, 2^31)")
        require(
            self.data.value_range == (0.0, 255.0),
            f"the network takes images in [0, 255], the steps deliver {self.data.value_range}; "
            "leave Rescale out, the network brings them to its own range",
        )
