"""VGG19's features under a linear layer, which a logistic regression fills in (iut2023 §2.5.3)."""

import keras
from keras import layers

from tfmedgan.classifiers.catalogue.vgg19 import VGG19Config
from tfmedgan.classifiers.networks.parts import backbone

CAFFE_MEANS = (103.939, 116.779, 123.68)  # blue, green, red of ImageNet


def build(config: VGG19Config) -> keras.Model:
    """Frozen features, averaged over the cells of the last map, and untrained logits."""
    inputs = keras.Input(config.image_shape, name="image")
    network = backbone(keras.applications.VGG19, config.weights, config.image_shape)
    network.trainable = False
    x = layers.Normalization(mean=CAFFE_MEANS, variance=(1.0, 1.0, 1.0))(inputs[..., ::-1])
    x = layers.GlobalAveragePooling2D(name="features")(network(x))
    logits = layers.Dense(config.n_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="vgg19")
