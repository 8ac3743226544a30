"""A federation of two sites that is built in a second."""

from dataclasses import dataclass, replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import Federation, ModelConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import adapted
from tfmedgan.serialization import CONFIGURATIONS, configuration

SHAPE = (32, 32, 1)


@dataclass(frozen=True)
class TinyConfig(ModelConfig):
    """One layer in each network."""

    image_shape: tuple[int, int, int] = SHAPE
    latent_dim: int = 2
    dropout: float = 0.5

    family = "alternating"  # a module that is there; the network is registered below

    def possible_sizes(self):
        return (32,)


@pytest.fixture(scope="session")
def tiny():
    """The configuration of the network, known to the program while the tests run."""
    import keras

    from tfmedgan.models.alternating import AlternatingGAN
    from tfmedgan.models.base import MODELS

    class Tiny(AlternatingGAN):
        @staticmethod
        def build_networks(config):
            layers = keras.layers
            pixels = layers.Dense(32 * 32, "tanh")
            return (
                keras.Sequential(
                    [keras.Input((config.latent_dim,)), pixels, layers.Reshape(SHAPE)]
                ),
                keras.Sequential(
                    [
                        keras.Input(SHAPE),
                        layers.Flatten(),
                        layers.Dropout(config.dropout),
                        layers.Dense(1, "sigmoid"),
                    ]
                ),
            )

    if "TinyConfig" not in CONFIGURATIONS:
        configuration(TinyConfig)
        MODELS.add("TinyConfig", Tiny)
    return TinyConfig()


@pytest.fixture(scope="session")
def experiment(tiny):
    """With dropout, whose state stays at each site."""
    base = ARCHITECTURES["cgan"]
    steps = adapted(base.data.steps, SHAPE)
    return replace(
        base,
        data=replace(base.data, source="phantom:chest:6", steps=steps),
        model=tiny,
        batch_size=2,
        epochs=3,
        ema=0.9,
        federation=Federation("2", local_steps=2),
        name="tiny",
    )


@pytest.fixture(scope="session")
def data(experiment):
    return prepare(experiment.data, experiment.seed)
