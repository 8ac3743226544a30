"""A small convolutional network, for two cores."""

import keras
from keras import layers

from tfmedgan.classifiers.catalogue.small_cnn import SmallCNNConfig
from tfmedgan.classifiers.networks.parts import image_input


def build(config: SmallCNNConfig) -> keras.Model:
    inputs, x = image_input(config)
    for filters in config.filters:
        x = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.GroupNormalization(config.groups)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D(name="features")(x)
    x = layers.Dropout(config.dropout)(x)
    logits = layers.Dense(config.n_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="small_cnn")
