"""Warm-up requests, which TensorFlow Serving replays before it answers anybody.

The file is a TFRecord of `PredictionLog` messages. Their package pins TensorFlow, and
all the fields needed hold text or other messages, so the few bytes are written here.
"""

from pathlib import Path

import tensorflow as tf

FILE = Path("assets.extra") / "tf_serving_warmup_requests"

# Numbers of fields in tensorflow_serving/apis/{prediction_log,predict,model}.proto
PREDICT_LOG = 6  # of PredictionLog
REQUEST = 1  # of PredictLog
MODEL_SPEC, INPUTS = 1, 2  # of PredictRequest
SIGNATURE_NAME = 3  # of ModelSpec
KEY, VALUE = 1, 2  # of an entry of a map


def write(saved_model: Path, requests: dict[str, dict]) -> None:
    """Add one request for each signature to a SavedModel; inputs are tensors by name."""
    path = saved_model / FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, inputs in requests.items():
            writer.write(prediction_log(signature, inputs))


def prediction_log(signature: str, inputs: dict) -> bytes:
    """A serialised PredictionLog of one PredictRequest."""
    request = _field(MODEL_SPEC, _field(SIGNATURE_NAME, signature.encode()))
    for name, tensor in inputs.items():
        value = tf.make_tensor_proto(tensor).SerializeToString()
        request += _field(INPUTS, _field(KEY, name.encode()) + _field(VALUE, value))
    return _field(PREDICT_LOG, _field(REQUEST, request))


def _field(number: int, content: bytes) -> bytes:
    """A field of protobuf's wire type 2: its tag, the length of its content, the content."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the eighth says that more follow."""
    head, rest = value & 0x7F, value >> 7
    return bytes([head | 0x80]) + _varint(rest) if rest else bytes([head])
