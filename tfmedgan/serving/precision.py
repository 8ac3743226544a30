"""A generator in float32: half precision is not known to all formats."""

import keras

from tfmedgan.models.nested import every_layer


def full_precision(generator: keras.Model) -> keras.Model:
    """The same network and weights, computing in float32; itself if it does so already."""
    if all(layer.compute_dtype == layer.variable_dtype for layer in every_layer(generator)):
        return generator
    twin = keras.models.clone_model(generator, clone_function=_in_float32)
    twin.set_weights(generator.get_weights())
    return twin


def _in_float32(layer):
    if isinstance(layer, keras.Sequential):  # a clone would go on rounding what it is given
        return keras.Sequential([_in_float32(inner) for inner in layer.layers], name=layer.name)
    copy = type(layer).from_config({**layer.get_config(), "dtype": "float32"})
    if hasattr(layer, "use_cudnn"):
        copy.use_cudnn = layer.use_cudnn  # which the configuration leaves out
    return copy
