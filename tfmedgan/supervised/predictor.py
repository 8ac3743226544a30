"""Running a network on arrays of images."""

import keras
import numpy as np
import tensorflow as tf

BATCH = 64


class Predictor:
    """A network as a function of uint8 images, traced once whatever their number.

    Weights that change later are seen.

    Args:
        batch: images that are run together.
    """

    def __init__(self, network: keras.Model, batch: int = BATCH):
        self.batch = batch
        shape = network.inputs[0].shape
        self._run = tf.function(
            lambda images: network(images, training=False),
            input_signature=[tf.TensorSpec((None, *shape[1:]), tf.float32)],
        )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Outputs, float32 (n, …), for images (n, height, width, channels) in [0, 255]."""
        starts = range(0, len(images), self.batch)
        batches = [images[start : start + self.batch] for start in starts]
        return np.concatenate([self._run(batch.astype(np.float32)).numpy() for batch in batches])
