"""Networks that are made of networks."""

from collections.abc import Iterator

import keras


def every_layer(network: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers of a network, and those of the networks among them."""
    for layer in network.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from every_layer(layer)
