"""A tiny network in a file, and images, for tests that need features of any kind."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def network(tmp_path_factory):
    """A Keras model file: (n, 16, 16, 3) in [0, 255] → 8 features."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 5, kernel_initializer=keras.initializers.GlorotUniform(1)),
            keras.layers.ReLU(),
        ]
    )
    path = tmp_path_factory.mktemp("network") / "tiny.keras"
    model.save(path)
    return path


@pytest.fixture(scope="session")
def images():
    """60 smooth grey images, uint8 (60, 24, 24, 1)."""
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (60, 6, 6, 1))
    return coarse.repeat(4, 1).repeat(4, 2).astype(np.uint8)
