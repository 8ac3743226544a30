"""DenseNet-161 (Huang et al. 2017), which `keras.applications` does not have.

BatchNorm as PyTorch has it, whose implementation the document evidently used.
"""

import keras
from keras import layers

from tfmedgan.classifiers.catalogue.densenet161 import DenseNet161Config
from tfmedgan.classifiers.networks.parts import image_input


def build(config: DenseNet161Config) -> keras.Model:
    """28,681,000 trainable parameters for 1,000 classes, 26,476,418 for two."""
    inputs, x = image_input(config)
    x = _conv(config.initial_filters, 7, stride=2)(x)
    x = _activated(x)
    x = layers.ZeroPadding2D(1)(x)
    x = layers.MaxPooling2D(3, strides=2)(x)
    for number, depth in enumerate(config.blocks):
        x = _transition(x, config.compression) if number else x
        for _ in range(depth):
            x = _dense_layer(x, config)
    x = layers.GlobalAveragePooling2D(name="features")(_activated(x))
    logits = layers.Dense(config.n_classes, name="logits")(x)
    return keras.Model(inputs, logits, name="densenet161")


def _dense_layer(x, config: DenseNet161Config):
    """BN, ReLU, 1×1, BN, ReLU, 3×3; its k feature maps are added to those before."""
    new = _conv(config.bottleneck * config.growth_rate, 1)(_activated(x))
    new = _conv(config.growth_rate, 3)(_activated(new))
    return layers.Concatenate()([x, new])


def _transition(x, compression: float):
    x = _conv(int(x.shape[-1] * compression), 1)(_activated(x))
    return layers.AveragePooling2D(2)(x)


def _activated(x):
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x))


def _conv(filters: int, kernel: int, stride: int = 1):
    return layers.Conv2D(
        filters, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal"
    )
