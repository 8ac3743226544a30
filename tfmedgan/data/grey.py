"""Whether images that were read in colour are grey."""

import numpy as np

from tfmedgan.data.masks import without_mask
from tfmedgan.data.prepare import PreparedData

AT_ONCE = 256  # images, so that large sets need not fit into memory


def are_grey(data: PreparedData) -> bool:
    """Whether the three channels of every image are equal; False for images of one channel."""
    return all(
        _are_grey(part.images[first : first + AT_ONCE])
        for part in data.parts.values()
        for first in range(0, len(part), AT_ONCE)
    )


def _are_grey(images: np.ndarray) -> bool:
    colours = without_mask(images)
    return colours.shape[-1] == 3 and bool((colours == colours[..., :1]).all())
