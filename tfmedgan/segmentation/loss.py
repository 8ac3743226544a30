"""What a U-Net minimises: the cross-entropy of each pixel, and one minus the soft Dice."""

import tensorflow as tf

SMOOTH = 1.0  # pixels; an empty mask has a gradient, too


def dice_and_cross_entropy(masks, logits):
    """The loss of each image, float32 (n,).

    The soft Dice is 2 Σpg / (Σp + Σg) over the pixels of one image (Drozdzal et al. 2016), with
    `SMOOTH` added above and below; the sum with the cross-entropy is that of nnU-Net (Isensee et
    al. 2021). By image, as the scores, so that it does not depend on what else is in the batch.

    Args:
        masks: 0 or 1, (n, H, W, 1).
        logits: of the same shape.
    """
    masks, logits = tf.cast(masks, tf.float32), tf.cast(logits, tf.float32)
    pixels = (1, 2, 3)
    share = tf.sigmoid(logits)
    overlap = tf.reduce_sum(share * masks, pixels)
    total = tf.reduce_sum(share, pixels) + tf.reduce_sum(masks, pixels)
    dice = (2 * overlap + SMOOTH) / (total + SMOOTH)
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=masks, logits=logits)
    return 1 - dice + tf.reduce_mean(entropy, pixels)
