"""A small convolutional network, for two cores: configuration."""

from dataclasses import dataclass

from tfmedgan.classifiers.catalogue import publish
from tfmedgan.classifiers.config import NetworkConfig
from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class SmallCNNConfig(NetworkConfig):
    """A few convolutions, for two processor cores and a few hundred images.

    Normalised in groups of channels (Wu & He 2018): with a handful of steps in an epoch, the
    running statistics of BatchNorm lag behind the weights, and validation says nothing.
    """

    filters: tuple[int, ...] = (16, 32, 64, 128)  # each layer halves the image
    groups: int = 8  # of channels, in each layer
    dropout: float = 0.3

    family = "small_cnn"
    smallest = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        require(
            all(width > 0 and width % self.groups == 0 for width in self.filters),
            f"filters are {self.filters}; each must be a multiple of groups, {self.groups}",
        )


publish("small-cnn", SmallCNNConfig())
