"""Optimizers of experiments: Adam as Keras has it, and as PyTorch and the paper have it."""

import math

import keras
from keras import ops

from tfmedgan.config import AdamConfig, PyTorchAdamConfig


def build(config: AdamConfig) -> keras.optimizers.Adam:
    """The optimizer of a configuration."""
    cls = PyTorchAdam if isinstance(config, PyTorchAdamConfig) else keras.optimizers.Adam
    return cls(config.learning_rate, config.beta_1, config.beta_2, epsilon=config.epsilon)


@keras.saving.register_keras_serializable("tfmedgan")
class PyTorchAdam(keras.optimizers.Adam):
    """Algorithm 1 of Kingma & Ba 2015: ε is added after the correction of the second moment.

    Keras adds it before, so that in the first steps its ε counts √(1 − β₂ᵗ)⁻¹ times as much,
    32 times in the first step of a DCGAN: where gradients are tiny, as in a new generator,
    that changes the update by several per cent.
    """

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        index = self._get_variable_index(variable)
        first, second = self._momentums[index], self._velocities[index]
        gradient, rate = ops.cast(gradient, dtype), ops.cast(learning_rate, dtype)
        step = ops.cast(self.iterations + 1, dtype)
        self.assign_add(first, (gradient - first) * (1 - self.beta_1))
        self.assign_add(second, (ops.square(gradient) - second) * (1 - self.beta_2))
        corrected = first / _correction(self.beta_1, step)
        variance = second / _correction(self.beta_2, step)
        self.assign_sub(variable, rate * corrected / (ops.sqrt(variance) + self.epsilon))


def _correction(beta: float, step):
    """1 − βᵗ, without the cancellation that a float32 power of 0.999 suffers."""
    return -ops.expm1(step * math.log(beta)) if beta else 1.0
