"""What makes up one pass over the training images when classes differ in size."""

from dataclasses import replace

import numpy as np

from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import require


def balanced(arrays: ImageArrays, balance: str) -> ImageArrays:
    """The images with `draws` set.

    "oversample": every image at least once, those of smaller classes repeated in turn until
    all classes are as large as the largest. "uniform-labels": the same list, of which the
    pipeline draws with replacement, so that the label of each draw is uniform and independent.
    "none": each image once.

    Raises:
        InputError: when there is only one class to balance.
    """
    if balance == "none":
        return arrays
    classes = np.unique(arrays.labels)
    require(len(classes) > 1, f"--balance {balance} needs at least two classes of images")
    members = [np.flatnonzero(arrays.labels == label) for label in classes]
    largest = max(len(rows) for rows in members)
    draws = np.concatenate([np.resize(rows, largest) for rows in members])
    return replace(arrays, draws=draws, uniform=balance == "uniform-labels")
