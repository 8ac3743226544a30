"""What travels between the sites, and what stays at each.

The weights of generator, discriminator and averaged generator travel, as in Carrasco Limeros et
al. 2022. The optimizers' moments, the strength of an adaptive augmentation and the state of
dropout stay where they are.
"""

import numpy as np

from tfmedgan.models.base import AdversarialModel


def shared(model: AdversarialModel) -> list:
    """Variables that are averaged, in a fixed order."""
    networks = (model.generator, model.discriminator, model.ema_generator)
    return [variable for network in networks if network for variable in network.weights]


def local(model: AdversarialModel) -> list:
    """All other variables of the model's state."""
    travelling = {id(variable) for variable in shared(model)}
    return [variable for variable in model.state if id(variable) not in travelling]


def values(variables: list) -> list[np.ndarray]:
    return [np.array(variable.numpy()) for variable in variables]


def assign(variables: list, arrays: list[np.ndarray]) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
