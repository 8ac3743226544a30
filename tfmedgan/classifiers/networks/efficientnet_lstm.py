"""EfficientNetV2's feature map, read cell by cell by an LSTM (dfu-lstm)."""

import keras

from tfmedgan.classifiers.catalogue.efficientnet_lstm import EfficientNetLSTMConfig
from tfmedgan.classifiers.networks.parts import backbone, image_input, sequence_head
from tfmedgan.errors import require

APPLICATIONS = {"s": "EfficientNetV2S", "m": "EfficientNetV2M"}


def build(config: EfficientNetLSTMConfig) -> keras.Model:
    """In [-1, 1], the range that Keras's weights were trained with."""
    require(
        config.value_range == (-1.0, 1.0) or not config.weights,
        f"value range is {config.value_range}; pretrained weights of EfficientNetV2 need (-1, 1)",
    )
    inputs, x = image_input(config)
    application = getattr(keras.applications, APPLICATIONS[config.size])
    network = backbone(application, config.weights, config.image_shape, include_preprocessing=False)
    return keras.Model(inputs, sequence_head(network(x), config), name="efficientnet_lstm")
