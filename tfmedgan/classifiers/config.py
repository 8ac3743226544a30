"""The experiment of a classifier, and the configurations of the networks. No TensorFlow."""

import json
from dataclasses import dataclass
from pathlib import Path

from tfmedgan.config import AdamConfig, DataConfig, Range
from tfmedgan.errors import require
from tfmedgan.serialization import configuration, encode, loads

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
    regression = False  # the last layer is fitted by logistic regression, and nothing else

    def __post_init__(self):
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

    def __post_init__(self):
        super().__post_init__()
        require(
            all(width > 0 and width % self.groups == 0 for width in self.filters),
            f"filters are {self.filters}; each must be a multiple of groups, {self.groups}",
        )


@configuration
@dataclass(frozen=True)
class DenseNet161Config(NetworkConfig):
    """Huang et al. 2017, Table 1, in the widths of DenseNet-161 (vuw-covid)."""

    growth_rate: int = 48  # k
    blocks: tuple[int, ...] = (6, 12, 36, 24)
    initial_filters: int = 96
    bottleneck: int = 4  # the 1×1 convolution has 4k filters
    compression: float = 0.5  # θ

    family = "densenet161"


@configuration
@dataclass(frozen=True)
class SequenceConfig(NetworkConfig):
    """A feature map read as a sequence of its cells by LSTM layers (dfu-lstm)."""

    lstm_units: int = 256
    lstm_layers: int = 2
    lstm_dropout: float = 0.3


@configuration
@dataclass(frozen=True)
class EfficientNetLSTMConfig(SequenceConfig):
    """EfficientNetV2 (Tan & Le 2021) below the LSTM."""

    size: str = "s"  # s | m
    weights: str = ""  # empty: from the seed; "imagenet": fetched by Keras; or a file

    family = "efficientnet_lstm"

    def __post_init__(self):
        super().__post_init__()
        require(self.size in ("s", "m"), f"size of EfficientNetV2 is {self.size!r}; valid: s, m")
        check_weights(self)


@configuration
@dataclass(frozen=True)
class CriticLSTMConfig(SequenceConfig):
    """The last feature map of a trained WGAN-GP critic below the LSTM."""

    critic: str = ""  # run directory of the trained GAN
    fine_tune: bool = False  # train the critic's layers, too

    family = "critic_lstm"


@configuration
@dataclass(frozen=True)
class VGG19Config(NetworkConfig):
    """VGG19 (Simonyan & Zisserman 2015) below a logistic regression (iut2023 §2.5.3)."""

    weights: str = ""  # empty: from the seed; "imagenet": fetched by Keras; or a file
    inverse_penalty: float = 1.0  # C of scikit-learn's LogisticRegression

    family = "vgg19"
    regression = True

    def __post_init__(self):
        super().__post_init__()
        require(self.image_shape[2] == 3, "vgg19 takes images of 3 channels")
        check_weights(self)


def check_weights(config: NetworkConfig) -> None:
    """Raise `InputError` for a file of weights that is not there."""
    require(
        config.weights in ("", IMAGENET) or Path(config.weights).is_file(),
        f"--weights {config.weights}: no such file; give a file, or {IMAGENET}",
    )


@configuration
@dataclass(frozen=True)
class ClassifierExperiment:
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

    def __post_init__(self):
        require(self.batch_size >= 2, f"batch size is {self.batch_size}; must be at least 2")
        require(self.epochs >= 1, f"number of epochs is {self.epochs}; must be at least 1")
        require(self.patience >= 0, f"patience is {self.patience}; must not be negative")
        require(0 <= self.seed < 2**31, f"seed is {self.seed}; must be in [0, 2^31)")
        require(
            self.data.value_range == (0.0, 255.0),
            f"classifiers take images in [0, 255], the steps deliver {self.data.value_range}; "
            "leave Rescale out, the network brings them to its own range",
        )

    def to_json(self) -> str:
        return json.dumps(encode(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str, origin: str = "experiment") -> "ClassifierExperiment":
        experiment = loads(text, origin)
        require(isinstance(experiment, cls), f"{origin}: not the experiment of a classifier")
        return experiment
