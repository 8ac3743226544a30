"""The signatures of an exported generator: TensorFlow functions by name, and their inputs.

`generate`, also as `serving_default`: num, seed and, if conditional, labels → images, uint8.
`generate_png`: the same → png, marked as synthetic; `generate_png_rest`: → png_bytes, the
name by which TensorFlow Serving knows to answer in base64 over REST.
`generate_from_latent`: z and labels → images, float32 in [-1, 1].
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import tensorflow as tf

from tfmedgan.models import sampling
from tfmedgan.serving.checks import checked_labels, checked_num, checked_seed
from tfmedgan.synthetic_png import HEADER, text_chunks


@dataclass(frozen=True)
class Signature:
    """A function of tensors, the specifications of its inputs, and one small request."""

    function: Callable
    inputs: list[tf.TensorSpec]
    example: dict


def signatures(
    generator: keras.Model, class_names: tuple[str, ...], digest: str
) -> dict[str, Signature]:
    """All signatures of a generator.

    Args:
        class_names: of its classes in order; empty if unconditional.
        digest: of the model, for the PNGs.
    """
    num = tf.TensorSpec((), tf.int32, "num")
    seed = tf.TensorSpec((), tf.int64, "seed")
    latent = sampling.input_specs(generator)
    request = [num, seed, *latent[1:]]
    width = sampling.latent_dim(generator)
    mark = tf.constant(text_chunks(Model=digest))

    @partial(tf.function, input_signature=request)  # traced and stored once for all that use it
    def images(num, seed, labels=None):
        num, seed = checked_num(num), checked_seed(seed)
        labels = None if labels is None else checked_labels(labels, num, class_names)
        z = sampling.latent_vectors(num, width, seed)
        return sampling.images_of(generator, z, labels)

    def generate(num, seed, labels=None):
        return {"images": images(*_given(num, seed, labels))}

    def generate_png(num, seed, labels=None):
        return {"png": marked_png(images(*_given(num, seed, labels)), mark)}

    def generate_png_rest(num, seed, labels=None):
        return {"png_bytes": marked_png(images(*_given(num, seed, labels)), mark)}

    def generate_from_latent(z, labels=None):
        labels = None if labels is None else checked_labels(labels, tf.shape(z)[0], class_names)
        return {"images": sampling.apply(generator, z, labels)}

    labels = {"labels": tf.zeros(1, tf.int32)} if class_names else {}
    one = {"num": tf.constant(1), "seed": tf.constant(0, tf.int64), **labels}
    requests = (generate, generate_png, generate_png_rest)
    return {
        "serving_default": Signature(generate, request, one),
        **{function.__name__: Signature(function, request, one) for function in requests},
        "generate_from_latent": Signature(
            generate_from_latent, latent, {"z": tf.zeros((1, width)), **labels}
        ),
    }


def _given(*inputs: tf.Tensor | None) -> list:
    return [tensor for tensor in inputs if tensor is not None]


def marked_png(images: tf.Tensor, mark: tf.Tensor) -> tf.Tensor:
    """PNG strings (n,) of uint8 images, with the chunks `mark` behind their header."""
    png = tf.io.encode_png(images)
    marks = tf.fill(tf.shape(png), mark)
    head, rest = (
        tf.strings.substr(png, start, length)  # the rest: of the longest possible length
        for start, length in ((0, HEADER), (HEADER, tf.int32.max - HEADER))
    )
    return tf.strings.join([head, marks, rest])
