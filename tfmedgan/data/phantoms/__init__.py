"""Phantoms: drawings with true labels, for trials where no real images are at hand.

A phantom imitates how an image looks, with the signs by which a clinician tells
its classes apart. It is a drawing, not a model of disease, and says nothing
about patients.
"""

import importlib

import numpy as np

from tfmedgan.errors import require

CLASSES: dict[str, tuple[str, ...]] = {
    "fundus": ("no DR", "mild", "moderate", "severe", "proliferative"),
    "chest": ("normal", "pneumonia"),
    "foot": ("not infected", "infected"),
}
WITH_MASKS = ("foot",)  # kinds that know where a lesion is: the bed of the ulcer
SIZES = (16, 1024)


def draw(kind: str, label: int, seed: int, index: int, size: int = 128) -> np.ndarray:
    """Phantom number `index` of the class `label`.

    The result depends on the arguments alone, not on the machine: randomness is
    PCG64's, drawing and blending are done in integers. The label is part of the
    key, so two classes never share an anatomy.

    Args:
        kind: a key of `CLASSES`.
        label: index into `CLASSES[kind]`.
        seed: of the whole set.
        index: of the image within the set.
        size: height and width in pixels, 16 to 1024.

    Returns:
        uint8, (size, size, 3) in RGB for fundus and foot, (size, size, 1) for chest.

    Raises:
        InputError: for an unknown kind, a label outside its classes or a size outside the range.
    """
    return _drawn("draw", kind, label, seed, index, size)


def draw_mask(kind: str, label: int, seed: int, index: int, size: int = 128) -> np.ndarray:
    """The true mask of the image that `draw` gives for the same arguments.

    Args:
        kind: one of `WITH_MASKS`; the others as for `draw`.

    Returns:
        uint8, (size, size, 1), 0 or 255.

    Raises:
        InputError: as `draw`, and for a kind without masks.
    """
    valid = ", ".join(WITH_MASKS)
    require(kind in WITH_MASKS, f"phantom:{kind}: has no masks; with masks: {valid}")
    return _drawn("draw_mask", kind, label, seed, index, size)


def _drawn(what: str, kind: str, label: int, seed: int, index: int, size: int) -> np.ndarray:
    require(kind in CLASSES, f"phantom:{kind}: unknown phantom; valid: {', '.join(CLASSES)}")
    last = len(CLASSES[kind]) - 1
    require(0 <= label <= last, f"phantom:{kind}: label is {label}; must be from 0 to {last}")
    low, high = SIZES
    require(low <= size <= high, f"phantom:{kind}: size is {size}; must be from {low} to {high}")
    shapes = importlib.import_module(f"{__name__}.shapes")
    dice = shapes.Dice(seed, f"phantom/{kind}/{label}/{index}")
    return getattr(importlib.import_module(f"{__name__}.{kind}"), what)(label, dice, size)
