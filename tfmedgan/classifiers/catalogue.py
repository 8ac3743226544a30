"""The classifiers by name, each with the values of its document or the toolkit's own."""

from tfmedgan.classifiers.config import (
    ClassifierExperiment,
    CriticLSTMConfig,
    DenseNet161Config,
    EfficientNetLSTMConfig,
    NetworkConfig,
    SmallCNNConfig,
    VGG19Config,
)
from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.data.chains import DFU_LSTM_AUGMENTED
from tfmedgan.data.steps import Clahe, Grayscale, Resize, ToRGB, standard_steps
from tfmedgan.registry import Registry

CLASSIFIERS = Registry("classifier")


def _publish(name: str, network: NetworkConfig, steps: tuple = (), **fields) -> None:
    steps = steps or standard_steps(network.image_shape)[:-1]
    experiment = ClassifierExperiment(DataConfig(steps=steps), network, name=name, **fields)
    CLASSIFIERS.add(name, experiment)


_publish("small-cnn", SmallCNNConfig())

_publish(
    # vuw-covid, Table 6: COVID-19 against normal; reported accuracy 0.9948 and 0.9934
    "densenet161",
    DenseNet161Config(image_shape=(64, 64, 3)),
    (Grayscale(), Clahe(2.0, 8), Resize(64, aspect="stretch"), ToRGB()),
    optimizer=AdamConfig(1e-4, 0.9),
    paper="vuw-covid, Table 6",
    unstated=("image size", "optimizer", "batch_size", "epochs and patience", "class_weights"),
)

_HYBRID = {
    # dfu-lstm: reported accuracy 0.87, precision 0.88, recall 0.89, F1 0.885, AUROC 0.93
    "steps": DFU_LSTM_AUGMENTED[:-1],  # without Rescale, which is the network's
    "optimizer": AdamConfig(1e-4, 0.9),
    "batch_size": 32,
    "paper": "dfu-lstm",
    "unstated": (
        "amounts of rotation, zoom and contrast",
        "optimizer, batch_size, epochs and patience, class_weights",
        "whether the features are fine-tuned",
    ),
}

_publish("efficientnetv2s-lstm", EfficientNetLSTMConfig((256, 256, 3), size="s"), **_HYBRID)
_publish("efficientnetv2m-lstm", EfficientNetLSTMConfig((256, 256, 3), size="m"), **_HYBRID)
_publish(
    "critic-lstm",
    CriticLSTMConfig((128, 128, 3)),
    **{
        **_HYBRID,
        "steps": tuple(
            Resize(128, aspect="stretch") if isinstance(step, Resize) else step
            for step in _HYBRID["steps"]
        ),
        "deviations": ("128×128, the size of the critic, instead of 256×256",),
    },
)
_publish(
    # iut2023 §2.5.3 (Gupta et al. 2019): grades of retinopathy, 66:34
    "vgg19",
    VGG19Config((224, 224, 3)),
    paper="iut2023 §2.5.3",
    unstated=("which layer the features come from", "which classical classifier", "image size"),
    deviations=("a validation part is held out of the training images, for calibration",),
)
