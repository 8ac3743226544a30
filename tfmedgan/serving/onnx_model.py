"""A generator as an ONNX file: z and labels → images, float32 in [-1, 1], and masks if any."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.evaluation.onnx_network import runtime
from tfmedgan.models import sampling
from tfmedgan.serving.outputs import outputs
from tfmedgan.synthetic_png import MARK

FILE = "generator.onnx"
OPSET = 18


def write(generator: keras.Model, folder: Path, class_names: tuple[str, ...], digest: str) -> None:
    """Write `folder`/generator.onnx, with the mark and the digest in its metadata."""
    import onnx
    import tf2onnx

    inputs = sampling.input_specs(generator)
    images = tf.function(
        lambda *inputs: outputs(sampling.apply(generator, *inputs)), input_signature=inputs
    )
    model, _ = tf2onnx.convert.from_function(images, input_signature=inputs, opset=OPSET)
    facts = {"synthetic": MARK, "model": digest, "classes": ", ".join(class_names)}
    onnx.helper.set_model_props(model, facts)
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / FILE))


def load(folder: Path) -> Callable[..., dict[str, np.ndarray]]:
    """A callable: z, labels or None → arrays by name."""
    session = runtime().InferenceSession(str(folder / FILE), providers=["CPUExecutionProvider"])
    return partial(_run, session)


def _run(session, z, labels=None):
    inputs = {"z": z} if labels is None else {"z": z, "labels": labels}
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))
