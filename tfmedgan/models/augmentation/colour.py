"""Changes of colour, one random amount per image; images (n, H, W, C), amounts (n, 1, 1, 1)."""

import tensorflow as tf


def brighten(images, amount):
    """Add `amount` to every pixel."""
    return images + amount


def saturate(images, factor):
    """Scale each pixel's distance from its grey value; nothing happens to one channel."""
    grey = tf.reduce_mean(images, axis=3, keepdims=True)
    return grey + (images - grey) * factor


def contrast(images, factor):
    """Scale each image's distance from its mean."""
    mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
    return mean + (images - mean) * factor
