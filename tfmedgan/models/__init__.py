"""Networks and their updates, one file per family; `create` builds any of them by name."""

import importlib
from dataclasses import replace

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import ModelConfig


def create(architecture: str | ModelConfig, *, seed: int = 0, precision: str = "float32", **fields):
    """Build the adversarial model of an architecture.

    Args:
        architecture: a name of `--arch`, or the configuration of a model.
        seed: decides initial weights, dropout masks, latent vectors and drawn labels.
        precision: Keras dtype policy, e.g. "mixed_bfloat16".
        fields: fields of the configuration to change, e.g. `image_shape=(64, 64, 3)`.

    Returns:
        An `AdversarialModel` with `.generator` and `.discriminator` (or `.critic`).

    Raises:
        InputError: for an unknown name or an impossible field.
    """
    named = ARCHITECTURES[architecture].model if isinstance(architecture, str) else architecture
    config: ModelConfig = replace(named, **fields)
    importlib.import_module(f"{__name__}.{config.family}")
    from tfmedgan.models.base import MODELS

    return MODELS[type(config).__name__].from_configuration(config, seed, precision)
