"""EfficientNetV2 below an LSTM, a hybrid of dfu-lstm: configuration."""

from dataclasses import dataclass

from tfmedgan.classifiers.catalogue import publish
from tfmedgan.classifiers.config import SequenceConfig, check_weights
from tfmedgan.config import AdamConfig
from tfmedgan.data.chains import DFU_LSTM_AUGMENTED
from tfmedgan.errors import require
from tfmedgan.serialization import configuration

HYBRID = {
    # dfu-lstm: reported accuracy 0.87, precision 0.88, recall 0.89, F1 0.885, AUROC 0.93
    "optimizer": AdamConfig(1e-4, 0.9),
    "batch_size": 32,
    "paper": "dfu-lstm",
    "unstated": (
        "amounts of rotation, zoom and contrast",
        "optimizer, batch_size, epochs and patience, class_weights",
        "whether the features are fine-tuned",
    ),
}
STEPS = DFU_LSTM_AUGMENTED[:-1]  # without Rescale, which is the network's


@configuration
@dataclass(frozen=True)
class EfficientNetLSTMConfig(SequenceConfig):
    """EfficientNetV2 (Tan & Le 2021) below the LSTM."""

    size: str = "s"  # s | m
    weights: str = ""  # empty: from the seed; "imagenet": fetched by Keras; or a file

    family = "efficientnet_lstm"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.size in ("s", "m"), f"size of EfficientNetV2 is {self.size!r}; valid: s, m")
        check_weights(self.weights)


for _size in ("s", "m"):
    _network = EfficientNetLSTMConfig((256, 256, 3), size=_size)
    publish(f"efficientnetv2{_size}-lstm", _network, STEPS, **HYBRID)
