"""A generator as a SavedModel in the layout of TensorFlow Serving."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.serving import warmup
from tfmedgan.serving.signatures import signatures

VERSION = "1"  # the folder's name; TensorFlow Serving serves the highest number


def write(generator: keras.Model, folder: Path, class_names: tuple[str, ...], digest: str) -> None:
    """Write `folder`/1: saved_model.pb, variables, and requests that warm a server up."""
    endpoints = signatures(generator, class_names, digest)
    archive = keras.export.ExportArchive()
    for name, signature in endpoints.items():
        archive.add_endpoint(name, signature.function, signature.inputs)
    archive.write_out(str(folder / VERSION), verbose=False)
    requests = {name: signature.example for name, signature in endpoints.items()}
    warmup.write(folder / VERSION, requests)


def load(folder: Path) -> Callable[..., dict[str, np.ndarray]]:
    """A callable: z, labels or None → arrays by name."""
    model = tf.saved_model.load(str(folder / VERSION))

    def images(z, labels=None):
        inputs = {"z": tf.constant(z)}
        if labels is not None:
            inputs["labels"] = tf.constant(labels, tf.int32)
        answer = model.signatures["generate_from_latent"](**inputs)
        return {name: values.numpy() for name, values in answer.items()}

    return images
