"""A generator of three channels without the noise that each of them has of its own."""

import keras
from keras import ops

COLOURS = 3


def grey_generator(generator: keras.Model) -> keras.Model:
    """The generator with the mean of its colour channels in each; a mask stays as it is.

    For networks that learned grey images in three channels: see benchmarks/curves.md.

    Args:
        generator: its images have 3 channels, or 4 with a mask.
    """
    images = generator(generator.inputs if len(generator.inputs) > 1 else generator.inputs[0])
    mean = ops.mean(images[..., :COLOURS], axis=-1, keepdims=True)
    others = [images[..., COLOURS:]] if images.shape[-1] > COLOURS else []
    grey = ops.concatenate([mean] * COLOURS + others, axis=-1)
    return keras.Model(generator.inputs, grey, name="grey_generator")
