"""Fitting a U-Net: batches of images and masks, and how an epoch is validated."""

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.data.masks import masks_of, with_masks, without_mask
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import require
from tfmedgan.segmentation.config import SegmentationExperiment
from tfmedgan.segmentation.loss import dice_and_cross_entropy
from tfmedgan.segmentation.scores import overlaps
from tfmedgan.supervised.fitting import Course, Epoch, compile_network
from tfmedgan.supervised.predictor import Predictor

PIXELS = 64 * 64 * 64  # that are predicted together: 64 images of 64 pixels, 4 of 256


class Segmenter:
    """A U-Net as a function of images."""

    def __init__(self, network: keras.Model):
        self.network = network
        _, height, width, _ = network.inputs[0].shape
        self._logits = Predictor(network, max(1, PIXELS // (height * width)))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Logits, float32 (n, H, W), of uint8 images (n, H, W, C)."""
        return self._logits(images)[..., 0]

    def masks(self, images: np.ndarray) -> np.ndarray:
        """Masks, bool (n, H, W): where the probability is above one half."""
        return self.logits(images) > 0


def paired(images: np.ndarray, masks: np.ndarray, names: tuple[str, ...] = ()) -> ImageArrays:
    """Images with their masks as the last channel, without labels, as `prepare` gives them.

    Args:
        images: uint8 (n, H, W, 1 or 3).
        masks: bool (n, H, W).

    Raises:
        InputError: for arrays that do not fit together.
    """
    require(
        images.dtype == np.uint8 and images.ndim == 4 and images.shape[-1] in (1, 3),
        f"images are {images.dtype} {images.shape}; must be uint8 (n, height, width, 1 or 3)",
    )
    require(
        masks.dtype == bool and masks.shape == images.shape[:3],
        f"masks are {masks.dtype} {masks.shape}; must be bool {images.shape[:3]}",
    )
    names = names or tuple(map(str, range(len(images))))
    return ImageArrays(with_masks(images, masks), np.zeros(len(images), np.int32), names)


def course(
    network: keras.Model,
    experiment: SegmentationExperiment,
    train: ImageArrays,
    validation: ImageArrays,
    segmenter: Segmenter | None = None,
) -> Course:
    """Compile the network unless it is, and say what its epochs consist of.

    Args:
        segmenter: that of the network, if there is one.
    """
    if not network.compiled:
        compile_network(network, experiment, dice_and_cross_entropy)
    validated = segmenter or Segmenter(network)
    return Course(
        experiment,
        train,
        lambda pairs, _: (pairs[..., :-1], tf.cast(pairs[..., -1:] > 127, tf.float32)),
        lambda: _validated(validated, validation),
    )


def _validated(segmenter: Segmenter, validation: ImageArrays) -> Epoch:
    masks = masks_of(validation.images)
    logits = segmenter.logits(without_mask(validation.images))
    losses = dice_and_cross_entropy(masks[..., np.newaxis], logits[..., np.newaxis])
    scores = overlaps(masks, logits > 0)
    return {
        "val_loss": float(np.mean(losses.numpy(), dtype=np.float64)),
        "val_dice": float(scores["dice"].mean()),
    }
