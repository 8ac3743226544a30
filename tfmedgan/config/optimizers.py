"""The optimizers of an experiment."""

import math
from dataclasses import dataclass

from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class AdamConfig:
    """Adam (Kingma & Ba 2015) as Keras has it."""

    learning_rate: float = 2e-4
    beta_1: float = 0.5
    beta_2: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        require(self.learning_rate > 0, f"learning rate is {self.learning_rate}; must be above 0")
        for beta in (self.beta_1, self.beta_2):
            require(0 <= beta < 1, f"Adam's beta is {beta}; must be in [0, 1)")


@configuration
@dataclass(frozen=True)
class PyTorchAdamConfig(AdamConfig):
    """Adam as PyTorch has it: another epsilon, in another place."""

    epsilon: float = 1e-8


@configuration
@dataclass(frozen=True)
class DecayingAdamConfig(PyTorchAdamConfig):
    """The same with a rate that falls as 1/√(1 + updates/decay_updates)."""

    decay_updates: float = 1000.0

    def __post_init__(self) -> None:
        super().__post_init__()
        decay = self.decay_updates
        require(0 < decay < math.inf, f"decay_updates is {decay}; must be a number above 0")
