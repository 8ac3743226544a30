"""DenseNet-161 (Huang et al. 2017), as vuw-covid uses it: configuration."""

from dataclasses import dataclass

from tfmedgan.classifiers.catalogue import publish
from tfmedgan.classifiers.config import NetworkConfig
from tfmedgan.config import AdamConfig
from tfmedgan.data.steps import Clahe, Grayscale, Resize, ToRGB
from tfmedgan.serialization import configuration


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


publish(
    # vuw-covid, Table 6: COVID-19 against normal; reported accuracy 0.9948 and 0.9934
    "densenet161",
    DenseNet161Config(image_shape=(64, 64, 3)),
    (Grayscale(), Clahe(2.0, 8), Resize(64, aspect="stretch"), ToRGB()),
    optimizer=AdamConfig(1e-4, 0.9),
    paper="vuw-covid, Table 6",
    unstated=("image size", "optimizer", "batch_size", "epochs and patience", "class_weights"),
)
