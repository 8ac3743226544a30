"""One seed, many independent streams of randomness.

Every random draw of the toolkit comes from a stateless key made of
(experiment seed, name of the stream, number of the draw). Nothing has to be
saved: a resumed run asks for the same keys as an uninterrupted one.
"""

import hashlib
from typing import Any

import numpy as np


def stream_seed(seed: int, stream: str) -> int:
    """Non-negative 31-bit seed of the stream called `stream`."""
    digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
    return int.from_bytes(digest[:4], "little") & 0x7FFFFFFF


def rng(seed: int, stream: str) -> np.random.Generator:
    """NumPy generator of the stream called `stream`."""
    return np.random.default_rng(stream_seed(seed, stream))


def step_key(seed: int, stream: str, step: Any) -> Any:
    """Key, int32 tensor of shape (2,), for TensorFlow's stateless operations at `step`."""
    import tensorflow as tf

    return tf.stack([tf.constant(stream_seed(seed, stream), tf.int32), tf.cast(step, tf.int32)])
