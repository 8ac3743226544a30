"""The signatures of an exported generator: TensorFlow functions by name, and their inputs.

`generate`, also as `serving_default`: num, seed and, if conditional, labels → images, uint8.
`generate_png`: the same → png, marked as synthetic; `generate_png_rest`: → png_bytes, the
name by which TensorFlow Serving knows to answer in base64 over REST.
`generate_from_latent`: z and labels → images, float32 in [-1, 1].
Of pairs each gives masks, too: `masks`, uint8 (n, H, W), 0 or 255; `mask_png`; `mask_png_bytes`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import tensorflow as tf

from tfmedgan.models import sampling
from tfmedgan.serving.checks import checked_labels, checked_num, checked_seed
from tfmedgan.serving.outputs import outputs
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
    png = partial(pngs, mark=tf.constant(text_chunks(Model=digest)))
    label = {"labels": tf.zeros(1, tf.int32)} if class_names else {}
    one = {"num": tf.constant(1), "seed": tf.constant(0, tf.int64), **label}

    @partial(tf.function, input_signature=request)  # traced and stored once for all that use it
    def images(num, seed, labels=None):
        num, seed = checked_num(num), checked_seed(seed)
        labels = None if labels is None else checked_labels(labels, num, class_names)
        z = sampling.latent_vectors(num, width, seed)
        return sampling.images_of(generator, z, labels)

    def answer(encode=outputs):
        def respond(num, seed, labels=None):
            inputs = [num, seed] if labels is None else [num, seed, labels]
            return encode(images(*inputs))

        return Signature(respond, request, one)

    def generate_from_latent(z, labels=None):
        labels = None if labels is None else checked_labels(labels, tf.shape(z)[0], class_names)
        return outputs(sampling.apply(generator, z, labels))

    of_latent = {"z": tf.zeros((1, width)), **label}
    return {
        "serving_default": answer(),
        "generate": answer(),
        "generate_png": answer(png),
        "generate_png_rest": answer(partial(png, ending="_bytes")),
        "generate_from_latent": Signature(generate_from_latent, latent, of_latent),
    }


def pngs(images: tf.Tensor, mark: tf.Tensor, ending: str = "") -> dict[str, tf.Tensor]:
    """`png` and, of pairs, `mask_png`, (n,) each, by names with this ending."""
    answer = outputs(images)
    encoded = {f"png{ending}": marked_png(answer["images"], mark)}
    if "masks" in answer:
        encoded[f"mask_png{ending}"] = marked_png(answer["masks"][..., tf.newaxis], mark)
    return encoded


def marked_png(images: tf.Tensor, mark: tf.Tensor) -> tf.Tensor:
    """PNG strings (n,) of uint8 images, with the chunks `mark` behind their header."""
    png = tf.io.encode_png(images)
    marks = tf.fill(tf.shape(png), mark)
    head, rest = (
        tf.strings.substr(png, start, length)  # the rest: of the longest possible length
        for start, length in ((0, HEADER), (HEADER, tf.int32.max - HEADER))
    )
    return tf.strings.join([head, marks, rest])
