"""What an exported generator answers: its images and, of pairs, the masks apart from them."""

import numpy as np
import tensorflow as tf

from tfmedgan.data.masks import has_mask, masks_of, without_mask


def outputs(images) -> dict[str, tf.Tensor]:
    """Images of a generator by name, as TensorFlow operations.

    Args:
        images: uint8, or float32 in [-1, 1], (n, H, W, channels).

    Returns:
        `images` without a mask channel and, if there is one, `masks`, uint8 (n, H, W), 0 or 255.
    """
    if not has_mask(images.shape[-1]):
        return {"images": images}
    masks = tf.cast(tf.cast(masks_of(images), tf.int32) * 255, tf.uint8)  # LiteRT can do so much
    return {"images": without_mask(images), "masks": masks}


def largest_difference(answer: dict[str, np.ndarray], expected: np.ndarray) -> float:
    """How far images, and masks, are from a generator's, float32 (n, H, W, channels) in [-1, 1].

    A pixel on the wrong side of a mask's border is as far away as the generator's value is from 0.
    """
    largest = np.abs(answer["images"] - without_mask(expected)).max()
    if has_mask(expected.shape[-1]):
        value = expected[..., -1]
        wrong = (answer["masks"] > 0) != (value > 0)
        largest = max(largest, np.abs(value[wrong]).max(initial=0.0))
    return float(largest)
