"""The experiment: frozen dataclasses, validated on construction, with a JSON round trip.

An `Experiment` says everything needed to repeat a run. Its parts (steps of
preprocessing, architecture, optimizers) are configurations of their own.
"""

from tfmedgan.config.augmentation import AUGMENTATIONS, AdaptiveAugment, DiffAugment
from tfmedgan.config.data import BALANCES, DataConfig, Range
from tfmedgan.config.experiment import PRECISIONS, Experiment, StartFrom
from tfmedgan.config.federation import Federation
from tfmedgan.config.model import MASKED, ModelConfig
from tfmedgan.config.optimizers import AdamConfig, DecayingAdamConfig, PyTorchAdamConfig
from tfmedgan.config.validation import (
    DEFAULT_FEATURES,
    FEWEST_VALIDATION_IMAGES,
    ValidationConfig,
)
