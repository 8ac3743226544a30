"""A generator as a LiteRT file: z and labels → images, float32 in [-1, 1], and masks if any."""

import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.files import write_bytes
from tfmedgan.models import sampling
from tfmedgan.serving.outputs import outputs

FILE = "generator.tflite"
SIGNATURE = "generate_from_latent"


def write(generator: keras.Model, folder: Path, class_names: tuple[str, ...], digest: str) -> None:
    """Write `folder`/generator.tflite, with one signature, `generate_from_latent`."""

    def generate_from_latent(z, labels=None):
        return outputs(sampling.apply(generator, z, labels))

    with _unrolled(generator), tempfile.TemporaryDirectory(dir=folder) as intermediate:
        archive = keras.export.ExportArchive()
        archive.add_endpoint(SIGNATURE, generate_from_latent, sampling.input_specs(generator))
        archive.write_out(intermediate, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            intermediate, signature_keys=[SIGNATURE]
        )
        write_bytes(folder / FILE, converter.convert())


def load(folder: Path) -> Callable[..., dict[str, np.ndarray]]:
    """A callable: z, labels or None → arrays by name."""
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(model_path=str(folder / FILE)).get_signature_runner(SIGNATURE)

    def images(z, labels=None):
        inputs = {"z": z} if labels is None else {"z": z, "labels": labels}
        return run(**inputs)

    return images


@contextmanager
def _unrolled(generator):
    """Recurrent layers written out step by step: LiteRT has no loop over a batch of any size."""
    recurrent = [layer for layer in generator.layers if hasattr(layer, "unroll")]
    former = [layer.unroll for layer in recurrent]
    try:
        for layer in recurrent:
            layer.unroll = True
        yield
    finally:
        for layer, unroll in zip(recurrent, former, strict=True):
            layer.unroll = unroll
