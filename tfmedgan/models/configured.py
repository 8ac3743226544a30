"""Models that are made from their configuration, also by `keras.saving.load_model`."""

from contextlib import contextmanager
from typing import Any

import keras

from tfmedgan.config import ModelConfig
from tfmedgan.seeding import stream_seed
from tfmedgan.serialization import decode, encode


class ConfiguredModel(keras.Model):
    """What Keras stores of a model, and asks for when it makes and compiles the model anew."""

    config: Any
    seed: int

    @classmethod
    def from_configuration(cls, config: ModelConfig, seed: int, precision: str):
        """Build with initial weights that depend on `seed` alone (sets Keras's global seed)."""
        keras.utils.set_random_seed(stream_seed(seed, "initial weights"))
        with dtype_policy(precision):
            return cls(config, seed, dtype=precision)

    def get_config(self):
        return {
            "config": encode(self.config),
            "seed": self.seed,
            "precision": self.dtype_policy.name,
        }

    @classmethod
    def from_config(cls, config):
        model = decode(config["config"])
        return cls.from_configuration(model, config["seed"], config["precision"])

    def get_compile_config(self):
        names = ("generator_optimizer", "discriminator_optimizer")
        optimizers = {n: keras.saving.serialize_keras_object(getattr(self, n)) for n in names}
        return {
            **optimizers,
            "ema": self.ema,
            "augment": encode(self.augment),
            "label_fade": self.label_fade,
        }

    def compile_from_config(self, config):
        augment = decode(config.pop("augment", None))
        self.compile(**keras.saving.deserialize_keras_object(config), augment=augment)


@contextmanager
def dtype_policy(name: str):
    """Build layers under a Keras dtype policy and put the former one back."""
    former = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(former)
