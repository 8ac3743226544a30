"""The masks of dropout, which follow from the model's seed as all else that is drawn does."""

import keras

from tfmedgan.seeding import stream_seed

STATE = "seed_generator_state"  # Keras's name for what its layers draw from


def seed_dropout(seed: int, *networks: keras.Model) -> None:
    """Let each layer that drops draw from a stream of its own; `seed` is the model's."""
    states = [v for network in networks for v in network.variables if v.name == STATE]
    for number, state in enumerate(states):
        state.assign([stream_seed(seed, f"dropout/{number}") % 2**31, 0])
