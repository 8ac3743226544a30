"""Optimizers of experiments: Adam as Keras has it, and as PyTorch and the paper have it.

Both update a variable and its moments by TensorFlow's one operation for it, where Keras takes
ten that each pass over memory (benchmarks/layers.md). Gradients of embeddings are made dense
first: Keras squares the rows that several images give a label one by one, not their sum.
"""

import math
from types import SimpleNamespace

import keras
import tensorflow as tf

from tfmedgan.config import AdamConfig, DecayingAdamConfig, PyTorchAdamConfig


def build(config: AdamConfig) -> keras.optimizers.Adam:
    """The optimizer of a configuration."""
    cls = PyTorchAdam if isinstance(config, PyTorchAdamConfig) else FusedAdam
    rate = config.learning_rate
    if isinstance(config, DecayingAdamConfig):
        rate = InverseRootDecay(rate, config.decay_updates)
    return cls(rate, config.beta_1, config.beta_2, epsilon=config.epsilon)


@keras.saving.register_keras_serializable("tfmedgan")
class InverseRootDecay(keras.optimizers.schedules.LearningRateSchedule):
    """rate/√(1 + updates/decay_updates): it falls without an end, so any run can go on longer."""

    def __init__(self, rate: float, decay_updates: float):
        self.rate, self.decay_updates = rate, decay_updates

    def __call__(self, step):
        return self.rate * tf.math.rsqrt(1 + tf.cast(step, tf.float32) / self.decay_updates)

    def get_config(self):
        return {"rate": self.rate, "decay_updates": self.decay_updates}


@keras.saving.register_keras_serializable("tfmedgan")
class FusedAdam(keras.optimizers.Adam):
    """Keras's Adam, in one operation a variable."""

    def apply(self, grads, trainable_variables=None):
        self._this_update = SimpleNamespace(amounts={})  # a dict alone would be tracked
        return super().apply(grads, trainable_variables)

    def update_step(self, gradient, variable, learning_rate):
        index = self._get_variable_index(variable)
        first, second = self._momentums[index], self._velocities[index]
        amounts = self._this_update.amounts
        if first.dtype not in amounts:
            amounts[first.dtype] = self._amounts(learning_rate, first.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=_handle(variable),
            m=_handle(first),
            v=_handle(second),
            grad=tf.cast(tf.convert_to_tensor(gradient), first.dtype),
            **amounts[first.dtype],
        )

    def _amounts(self, learning_rate, dtype) -> dict:
        """What one update needs for every variable alike; made once, as graphs take long to build.

        The operation's own corrections, from powers of β, would lose digits: left out.
        """
        step = tf.cast(self.iterations + 1, dtype)
        of_first, of_second = _correction(self.beta_1, step), _correction(self.beta_2, step)
        return {
            "beta1_power": tf.zeros((), dtype),
            "beta2_power": tf.zeros((), dtype),
            "lr": tf.cast(learning_rate, dtype) * tf.sqrt(of_second) / of_first,
            "beta1": tf.constant(self.beta_1, dtype),
            "beta2": tf.constant(self.beta_2, dtype),
            "epsilon": self._epsilon(of_second),
        }

    def _epsilon(self, correction):
        """ε as it stands beside the root of the uncorrected second moment."""
        return tf.constant(self.epsilon, correction.dtype)


@keras.saving.register_keras_serializable("tfmedgan")
class PyTorchAdam(FusedAdam):
    """Algorithm 1 of Kingma & Ba 2015: ε is added after the correction of the second moment.

    Keras adds it before, so that in the first steps its ε counts √(1 − β₂ᵗ)⁻¹ times as much,
    32 times in the first step of a DCGAN: where gradients are tiny, as in a new generator,
    that changes the update by several per cent.
    """

    def _epsilon(self, correction):
        return self.epsilon * tf.sqrt(correction)


def _correction(beta: float, step):
    """1 − βᵗ, without the cancellation that a float32 power of 0.999 suffers."""
    return -tf.math.expm1(step * math.log(beta)) if beta else tf.ones_like(step)


def _handle(variable):
    return (variable.value if isinstance(variable, keras.Variable) else variable).handle
