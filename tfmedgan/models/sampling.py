"""From a trained generator to bytes: latent vectors from a seed, images as uint8."""

import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.errors import InputError
from tfmedgan.seeding import stream_seed

BATCH = 64  # fixed and padded, so that an image does not depend on how many were asked for


def load_generator(path: Path) -> keras.Model:
    """The generator in a run's generator.keras.

    Raises:
        InputError: if the file is damaged.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise InputError(f"{path}: damaged, or no Keras model: {reason}") from error


def latent_vectors(count: int, latent_dim: int, seed: int):
    """z ~ N(0, 1), float32 (count, latent_dim); the first rows do not depend on `count`."""
    key = [stream_seed(seed, "generate"), 0]
    return tf.random.stateless_normal((count, latent_dim), key, alg="philox")


def to_bytes(images) -> np.ndarray:
    """Images in [-1, 1] as uint8."""
    return np.clip(np.rint((np.asarray(images) + 1) * 127.5), 0, 255).astype(np.uint8)


def is_conditional(generator) -> bool:
    return len(generator.inputs) == 2


def latent_dim(generator) -> int:
    return generator.inputs[0].shape[-1]


def n_classes(generator) -> int:
    """Number of classes that a conditional generator's label embedding has room for; else 0."""
    tables = [layer for layer in generator.layers if hasattr(layer, "input_dim")]
    return tables[0].input_dim if is_conditional(generator) else 0


def generate(generator, z, labels=None) -> np.ndarray:
    """Images, uint8 (n, H, W, C), for latent vectors (n, latent_dim) and labels (n,)."""
    z = np.asarray(z)
    batches = [slice(i, i + BATCH) for i in range(0, len(z), BATCH)]
    chosen = (lambda batch: None) if labels is None else labels.__getitem__
    return np.concatenate([_generate_batch(generator, z[b], chosen(b)) for b in batches])


def sample(generator, count: int, seed: int, labels=None) -> np.ndarray:
    """Images, uint8 (count, H, W, C), that depend on `seed` alone.

    Args:
        labels: integers (count,) for a conditional generator; the default takes the
            classes in turn.
    """
    if is_conditional(generator) and labels is None:
        labels = np.arange(count) % n_classes(generator)
    return generate(generator, latent_vectors(count, latent_dim(generator), seed), labels)


def _generate_batch(generator, z, labels) -> np.ndarray:
    count = len(z)
    padded = np.resize(z, (BATCH, z.shape[1]))
    if labels is None:
        inputs = padded
    else:
        inputs = [padded, np.resize(np.asarray(labels, np.int32), BATCH)]
    return to_bytes(generator(inputs, training=False))[:count]
