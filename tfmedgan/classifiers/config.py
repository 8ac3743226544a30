"""The experiment of a classifier, and what the configurations of all networks share."""

from dataclasses import dataclass
from pathlib import Path

from tfmedgan.config import Range
from tfmedgan.errors import require
from tfmedgan.serialization import configuration
from tfmedgan.supervised.experiment import SupervisedExperiment

IMAGENET = "imagenet"


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
class ClassifierExperiment(SupervisedExperiment):
    """A whole training of a classifier."""

    network: NetworkConfig
    class_weights: bool = True  # n / (classes · n of the class), in the loss
    paper: str = ""
    unstated: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
