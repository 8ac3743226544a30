"""Changes of colour, one random amount per image; images (n, H, W, C), amounts (n, 1, 1, 1)."""

import tensorflow as tf

from tfmedgan.data.masks import has_mask, without_mask


def recoloured(images, change):
    """Images after `change`, a function of images without masks; their masks stay as they are."""
    if not has_mask(images.shape[3]):
        return change(images)
    return tf.concat([change(without_mask(images)), images[..., -1:]], axis=3)


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
