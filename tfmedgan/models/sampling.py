"""From a trained generator to bytes: latent vectors from a seed, images as uint8.

`latent_vectors` and `images_of` are TensorFlow operations alone, so that an exported model
holds the very graph that the toolkit runs and gives the same bytes.
"""

import zipfile
import zlib
from functools import lru_cache, partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.errors import InputError, require
from tfmedgan.models import style_layers  # noqa: F401  (so that the layers of a file are known)
from tfmedgan.models.fast_layers import plain
from tfmedgan.models.nested import every_layer
from tfmedgan.seeding import stream_seed

BATCH = 64  # images computed at once; more would only take memory
STREAM = stream_seed(0, "generate")


def load_generator(path: Path) -> keras.Model:
    """The generator in a run's generator.keras, of Keras's own layers.

    Recurrent layers are kept from cuDNN's operation, which an export made on a GPU would
    carry to machines that have none.

    Raises:
        InputError: if there is no such file, or it is damaged.
    """
    require(
        Path(path).is_file(),
        f"{path}: no such file; the generator of a run is generator.keras in its directory",
    )
    try:
        generator = plain(keras.saving.load_model(path, compile=False))
    except (
        ValueError,
        TypeError,
        KeyError,
        OSError,
        UnboundLocalError,
        RuntimeError,  # of a zip file: an unknown version, flag or compression
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise InputError(
            f"{path}: damaged, or no generator of this toolkit; restore it from a backup"
        ) from error
    for layer in generator.layers:
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False
    return generator


def latent_vectors(count, latent_dim: int, seed):
    """z ~ N(0, 1), float32 (count, latent_dim); the first rows do not depend on `count`.

    Args:
        count, seed: numbers, or scalar tensors; the seed in [0, 2^63).
    """
    key = tf.stack([tf.convert_to_tensor(seed, tf.int64), tf.constant(STREAM, tf.int64)])
    return tf.random.stateless_normal((count, latent_dim), key, alg="philox")


def to_bytes(images):
    """Images in [-1, 1] as uint8."""
    return tf.cast(tf.clip_by_value(tf.round((images + 1) * 127.5), 0, 255), tf.uint8)


def is_conditional(generator) -> bool:
    return len(generator.inputs) == 2


def latent_dim(generator) -> int:
    return generator.inputs[0].shape[-1]


def n_classes(generator) -> int:
    """Number of classes that a conditional generator's label embedding has room for; else 0."""
    tables = [layer for layer in every_layer(generator) if hasattr(layer, "input_dim")]
    return tables[0].input_dim if is_conditional(generator) else 0


def input_specs(generator) -> list[tf.TensorSpec]:
    """What a generator takes: z (n, latent_dim), and labels (n,) if conditional."""
    z = tf.TensorSpec((None, latent_dim(generator)), tf.float32, "z")
    return [z, tf.TensorSpec((None,), tf.int32, "labels")] if is_conditional(generator) else [z]


def apply(generator, z, labels=None):
    """Images, float32 (n, H, W, C) in [-1, 1], for tensors or arrays."""
    z = tf.convert_to_tensor(z)
    inputs = z if labels is None else [z, tf.cast(labels, tf.int32)]
    return generator(inputs, training=False)


def images_of(generator, z, labels=None):
    """Images, uint8 (n, H, W, C), as TensorFlow operations, for use in a graph.

    Args:
        z: (n, latent_dim).
        labels: int32 (n,) for a conditional generator.
    """
    inputs = [z] if labels is None else [z, labels]
    count = tf.shape(z)[0]
    shape = (None, *generator.output_shape[1:])
    batches = tf.TensorArray(
        tf.uint8, size=0, dynamic_size=True, infer_shape=False, element_shape=shape
    )

    def add_batch(start, batches):
        batch = [rows[start : start + BATCH] for rows in inputs]
        images = to_bytes(apply(generator, *batch))
        return start + BATCH, batches.write(start // BATCH, images)

    _, batches = tf.while_loop(
        lambda start, _: start < count, add_batch, [0, batches], parallel_iterations=1
    )
    return tf.ensure_shape(batches.concat(), shape)


def generate(generator, z, labels=None) -> np.ndarray:
    """Images, uint8 (n, H, W, C), for latent vectors (n, latent_dim) and labels (n,)."""
    inputs = [z] if labels is None else [z, tf.cast(labels, tf.int32)]
    return _compiled(generator)(*inputs).numpy()


def sample(generator, count: int, seed: int, labels=None) -> np.ndarray:
    """Images, uint8 (count, H, W, C), that depend on `seed` alone.

    On a CPU the first ones do not depend on `count` either; on a GPU the size of a batch can
    decide how sums are taken, and now and then a value is one grey level off.

    Args:
        labels: integers (count,) for a conditional generator; the default takes the
            classes in turn.

    Raises:
        InputError: for a negative count or seed, and labels that the generator does not take.
    """
    require(count >= 0, f"count is {count}; must be at least 0")
    require(0 <= seed < 2**63, f"seed is {seed}; must be in [0, 2^63)")
    if is_conditional(generator) and labels is None:
        labels = np.arange(count) % n_classes(generator)
    if labels is not None:
        check_labels(generator, np.asarray(labels), count)
    return generate(generator, latent_vectors(count, latent_dim(generator), seed), labels)


def check_labels(generator, labels: np.ndarray, count: int) -> None:
    """Raise `InputError` unless they are the labels of `count` images of the generator."""
    classes = n_classes(generator)
    require(classes > 0, "labels: this generator takes none")
    require(
        labels.shape == (count,) and labels.dtype.kind in "iu",
        f"labels: must be {count} integers, one an image",
    )
    strange = labels[(labels < 0) | (labels >= classes)]
    require(not len(strange), f"labels: {strange[:1]} is none; must be from 0 to {classes - 1}")


@lru_cache(maxsize=2)
def _compiled(generator):
    """`images_of` one generator, traced once: callbacks ask for samples after every epoch."""
    return tf.function(partial(images_of, generator), input_signature=input_specs(generator))
