"""What a predicted mask scores beside the real one: Dice, IoU, and the distance of outlines.

Where both masks are empty, Dice and IoU are 1 and the distance is 0. Where one is, Dice and IoU
are 0 and the distance is the diagonal of the image, as in the BraTS challenge, so that a wound
that is missed, or made up, counts as the worst.
"""

import numpy as np
from scipy.ndimage import binary_erosion, distance_transform_edt

from tfmedgan.classifiers.score_list import Score
from tfmedgan.errors import require

PERCENTILE = 95
SCORES = {
    "dice": Score("Dice"),
    "iou": Score("IoU"),
    "hd95": Score("HD95, pixels", "lower", np.inf),
}


def image_scores(masks: np.ndarray, predicted: np.ndarray) -> dict[str, np.ndarray]:
    """Each of `SCORES`, float64 (n,).

    Args:
        masks, predicted: bool (n, H, W).

    Raises:
        InputError: for arrays that do not fit together.
    """
    masks, predicted = np.asarray(masks), np.asarray(predicted)
    for name, array in (("masks", masks), ("predicted", predicted)):
        require(
            array.dtype == bool and array.ndim == 3 and len(array) > 0,
            f"{name} are {array.dtype} {array.shape}; must be bool (n, height, width)",
        )
    require(
        masks.shape == predicted.shape,
        f"masks {masks.shape} and predicted {predicted.shape} differ",
    )
    pairs = zip(masks, predicted, strict=True)
    distances = np.array([hausdorff(a, b) for a, b in pairs])
    return {**overlaps(masks, predicted), "hd95": distances}


def overlaps(masks: np.ndarray, predicted: np.ndarray) -> dict[str, np.ndarray]:
    """Dice and IoU alone, float64 (n,), which take a moment where distances take seconds.

    Args:
        masks, predicted: bool (n, H, W).
    """
    sizes = masks.sum(axis=(1, 2)) + predicted.sum(axis=(1, 2))
    overlap = (masks & predicted).sum(axis=(1, 2))
    return {"dice": _share(2 * overlap, sizes), "iou": _share(overlap, sizes - overlap)}


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A share of nothing is 1: two empty masks agree."""
    return np.where(whole > 0, part / np.maximum(whole, 1), 1.0)


def hausdorff(a: np.ndarray, b: np.ndarray, percentile: float = PERCENTILE) -> float:
    """A percentile of the distances, in pixels, of each mask's outline from the other's.

    Those of both directions are taken together. The outline is the pixels of a mask that touch, by
    a side, one outside of it or the end of the image; 100 gives the Hausdorff distance.

    Args:
        a, b: bool (H, W).
    """
    if not (a.any() and b.any()):
        return 0.0 if a.any() == b.any() else float(np.hypot(*a.shape))
    outlines = outline(a), outline(b)
    to_a, to_b = (distance_transform_edt(~each) for each in outlines)
    distances = np.concatenate([to_b[outlines[0]], to_a[outlines[1]]])
    return float(np.percentile(distances, percentile))


def outline(mask: np.ndarray) -> np.ndarray:
    """The outermost pixels of a mask, bool (H, W)."""
    return mask & ~binary_erosion(mask)
