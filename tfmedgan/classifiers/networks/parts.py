"""What several classifiers share: the rescaled input, the sequence head, pretrained backbones."""

import sys
from contextlib import redirect_stdout

import keras
from keras import layers, ops

from tfmedgan.classifiers.config import IMAGENET, NetworkConfig, SequenceConfig
from tfmedgan.errors import InputError, require


def image_input(config: NetworkConfig):
    """The input in [0, 255], and the same brought to the network's own range."""
    low, high = config.value_range
    image = keras.Input(config.image_shape, name="image")
    return image, layers.Rescaling((high - low) / 255, offset=low, name="range")(image)


@keras.saving.register_keras_serializable("tfmedgan")
class AgainstZero(layers.Layer):
    """One logit x as the two logits (0, x): their softmax is (1 − σ(x), σ(x))."""

    def call(self, x):
        return ops.concatenate([ops.zeros_like(x), x], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 2)


def sigmoid_or_softmax(x, n_classes: int):
    """Logits (n, n_classes); of two classes only the second has one, as before a sigmoid."""
    if n_classes == 2:
        return AgainstZero(name="logits")(layers.Dense(1)(x))
    return layers.Dense(n_classes, name="logits")(x)


def sequence_head(feature_map, config: SequenceConfig):
    """Feature map (n, h, w, c) → its h·w cells in reading order → LSTM layers → logits."""
    _, height, width, channels = feature_map.shape
    x = layers.Reshape((height * width, channels))(feature_map)
    for layer in range(config.lstm_layers):
        last = layer + 1 == config.lstm_layers
        x = layers.LSTM(config.lstm_units, return_sequences=not last)(x)
        x = layers.Dropout(config.lstm_dropout)(x)
    return sigmoid_or_softmax(x, config.n_classes)


def backbone(application, weights: str, image_shape, **options):
    """A network of `keras.applications` without its top.

    Args:
        weights: "" for random ones, "imagenet", or a file.

    Raises:
        InputError: when the weights cannot be fetched, or do not fit.
    """
    require(
        weights != IMAGENET or image_shape[2] == 3,
        f"--weights {IMAGENET}: made for images of 3 channels; leave out --channels",
    )
    try:
        with redirect_stdout(sys.stderr):  # Keras reports its download on stdout
            return application(
                include_top=False, weights=weights or None, input_shape=image_shape, **options
            )
    except Exception as error:  # Keras raises a bare Exception when it cannot download
        wrong = f"not weights of {application.__name__} without its top; give another file"
        if weights == IMAGENET:
            wrong = "cannot be fetched by Keras; go online once, or give a file"
        raise InputError(f"--weights {weights}: {wrong}") from error
