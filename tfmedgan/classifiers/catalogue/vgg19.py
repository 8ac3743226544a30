"""VGG19's features below a logistic regression (iut2023 §2.5.3): configuration."""

from dataclasses import dataclass

from tfmedgan.classifiers.catalogue import publish
from tfmedgan.classifiers.config import RegressionConfig, check_weights
from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class VGG19Config(RegressionConfig):
    """VGG19 (Simonyan & Zisserman 2015) below a logistic regression (iut2023 §2.5.3)."""

    weights: str = ""  # empty: from the seed; "imagenet": fetched by Keras; or a file

    family = "vgg19"

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.image_shape[2] == 3, "vgg19 takes images of 3 channels")
        check_weights(self.weights)


publish(
    # iut2023 §2.5.3 (Gupta et al. 2019): grades of retinopathy, 66:34
    "vgg19",
    VGG19Config((224, 224, 3)),
    paper="iut2023 §2.5.3",
    unstated=("which layer the features come from", "which classical classifier", "image size"),
    deviations=("a validation part is held out of the training images, for calibration",),
)
