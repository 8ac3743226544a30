"""Networks that classify, one file a family; `build` makes any of them."""

import importlib

from tfmedgan.classifiers.config import NetworkConfig
from tfmedgan.seeding import stream_seed


def build(config: NetworkConfig, seed: int = 0):
    """The network of a configuration, with initial weights that depend on `seed` alone.

    Sets Keras's global seed.

    Returns:
        `keras.Model`: images, float32 (n, height, width, channels) in [0, 255] → logits
        (n, n_classes), the output of the layer "logits".

    Raises:
        InputError: when weights or a critic are not to be had.
    """
    import keras

    keras.utils.set_random_seed(stream_seed(seed, "initial weights/classifier"))
    family = importlib.import_module(f"{__name__}.{config.family}")
    return family.build(config)
