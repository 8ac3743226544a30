"""The experiment of a classifier, and what the configurations of all networks share."""

from dataclasses import dataclass
from pathlib import Path

from tfmedgan.config import AdamConfig, DataConfig, Range
from tfmedgan.errors import require
from tfmedgan.serialization import JsonDocument, configuration

IMAGENET = "imagenet"
ADAM = AdamConfig(1e-3, 0.9)


@configuration
@dataclass(frozen=True)
class NetworkConfig:
    """What every classifier has: it takes images in [0, 255] and gives a logit per class."""

    image_shape: tuple[int, int, int] = (64, 64, 3)  # height, width, channels
    n_classes: int = 2
    value_range: Range = (-1.0, 1.0)  # that its first layer brings the images to

    family = ""  # module of tfmedgan.classifiers.networks that builds it
    smallest = 32  # pixels a side

    def __post_init__(self) -> None:
        height, width, channels = self.image_shape
        require(height == width, f"image shape is {self.image_shape}; images must be square")
        require(channels in (1, 3), f"number of channels is {channels}; valid: 1, 3")
        require(
            height >= self.smallest,
            f"image size {height} is too small for {self.family}; at least {self.smallest}",
        )
        require(self.n_classes >= 2, f"number of classes is {self.n_classes}; must be 2 or more")


@configuration
@dataclass(frozen=True)
class SequenceConfig(NetworkConfig):
    """A feature map read as a sequence of its cells by LSTM layers (dfu-lstm)."""

    lstm_units: int = 256
    lstm_layers: int = 2
    lstm_dropout: float = 0.3


@configuration
@dataclass(frozen=True)
class RegressionConfig(NetworkConfig):
    """Frozen features below a last layer that logistic regression fits; nothing else is trained."""

    inverse_penalty: float = 1.0  # C of scikit-learn's LogisticRegression


def check_weights(weights: str) -> None:
    """Raise `InputError` for a file of weights that is not there."""
    require(
        weights in ("", IMAGENET) or Path(weights).is_file(),
        f"--weights {weights}: no such file; give a file, or {IMAGENET}",
    )


@configuration
@dataclass(frozen=True)
class ClassifierExperiment(JsonDocument):
    """A whole training of a classifier."""

    data: DataConfig
    network: NetworkConfig
    optimizer: AdamConfig = ADAM
    batch_size: int = 32
    epochs: int = 60  # at most
    updates_per_epoch: int = 0  # 0: one pass over the training images
    patience: int = 12  # stop when the validation loss has not improved for so many; 0: go on
    class_weights: bool = True  # n / (classes · n of the class), in the loss
    seed: int = 0
    name: str = ""
    paper: str = ""
    unstated: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require(self.batch_size >= 2, f"batch size is {self.batch_size}; must be at least 2")
        require(self.epochs >= 1, f"number of epochs is {self.epochs}; must be at least 1")
        require(self.patience >= 0, f"patience is {self.patience}; must not be negative")
        require(0 <= self.seed < 2**31, f"seed is {self.seed}; must be in [0, 2^31)")
        require(
            self.data.value_range == (0.0, 255.0),
            f"classifiers take images in [0, 255], the steps deliver {self.data.value_range}; "
            "leave Rescale out, the network brings them to its own range",
        )
