"""Dice, IoU and HD95 beside direct computations, scikit-image and SciPy; what empty masks score."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist, directed_hausdorff
from skimage.metrics import hausdorff_distance

from tests.segmentation.conftest import discs
from tfmedgan.errors import InputError
from tfmedgan.segmentation.assessment import mean_scores
from tfmedgan.segmentation.scores import SCORES, hausdorff, image_scores, outline


def square(top: int, left: int, side: int, size: int = 12) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def blobs(seed: int) -> np.ndarray:
    """A ragged mask, with holes and islands."""
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(np.random.default_rng(seed).normal(size=(40, 30)), 2) > 0.1


def edge_points(mask: np.ndarray) -> np.ndarray:
    """Coordinates of the pixels with a neighbour, above, below or beside, outside of the mask."""
    around = np.pad(mask, 1)
    neighbours = (around[:-2, 1:-1], around[2:, 1:-1], around[1:-1, :-2], around[1:-1, 2:])
    return np.argwhere(mask & ~np.logical_and.reduce(neighbours))


def test_by_hand():
    """4×4 pixels each, 4 of them in both; each outline lies up to three columns off."""
    scores = image_scores(square(2, 2, 4)[np.newaxis], square(2, 5, 4)[np.newaxis])
    assert set(scores) == set(SCORES)
    assert scores["dice"] == pytest.approx(2 * 4 / 32)
    assert scores["iou"] == pytest.approx(4 / 28)
    assert hausdorff(square(2, 2, 4), square(2, 5, 4), 100) == 3


@pytest.mark.parametrize("seed", range(5))
def test_dice_and_iou_are_those_of_counted_pixels(seed):
    a, b = blobs(seed), blobs(seed + 50)
    both, either = np.count_nonzero(a & b), np.count_nonzero(a | b)
    scores = image_scores(a[np.newaxis], b[np.newaxis])
    assert scores["dice"] == pytest.approx(2 * both / (np.count_nonzero(a) + np.count_nonzero(b)))
    assert scores["iou"] == pytest.approx(both / either)
    assert scores["dice"] == pytest.approx(2 * scores["iou"] / (1 + scores["iou"]))


@pytest.mark.parametrize("seed", range(5))
def test_hd95_is_that_of_all_pairs_of_points(seed):
    a, b = edge_points(blobs(seed)), edge_points(blobs(seed + 50))
    apart = cdist(a, b)
    distances = np.concatenate([apart.min(axis=1), apart.min(axis=0)])
    wanted = np.percentile(distances, 95)
    scores = image_scores(blobs(seed)[np.newaxis], blobs(seed + 50)[np.newaxis])
    assert scores["hd95"] == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_distance_is_that_of_scikit_image_and_scipy(seed):
    a, b = blobs(seed), blobs(seed + 50)
    ours = hausdorff(a, b, 100)
    assert ours == pytest.approx(hausdorff_distance(outline(a), outline(b)))
    points = edge_points(a), edge_points(b)
    both = directed_hausdorff(*points)[0], directed_hausdorff(*points[::-1])[0]
    assert ours == pytest.approx(max(both))


def test_empty_masks():
    """Two empty ones agree; one alone is as wrong as can be, whichever it is."""
    empty, full = np.zeros((1, 30, 40), bool), np.zeros((1, 30, 40), bool)
    full[:, 3:9, 3:9] = True
    agreeing = {"dice": 1.0, "iou": 1.0, "hd95": 0.0}
    assert image_scores(empty, empty) == agreeing
    assert image_scores(full, full) == agreeing
    wrong = {"dice": 0.0, "iou": 0.0, "hd95": 50.0}
    assert image_scores(full, empty) == image_scores(empty, full) == wrong


def test_a_mask_of_the_whole_image_has_its_border_as_outline():
    whole = np.ones((1, 8, 8), bool)
    assert outline(whole[0]).sum() == 28
    assert image_scores(whole, whole)["hd95"] == 0


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        (np.zeros((2, 4, 4), np.uint8), r"predicted are uint8 \(2, 4, 4\); must be bool"),
        (np.zeros((2, 4, 5), bool), r"masks \(2, 4, 4\) and predicted \(2, 4, 5\) differ"),
        (np.zeros((4, 4), bool), r"predicted are bool \(4, 4\); must be bool \(n, height, width\)"),
    ],
)
def test_what_does_not_fit_is_refused(predicted, message):
    with pytest.raises(InputError, match=message):
        image_scores(np.zeros((2, 4, 4), bool), predicted)


def test_intervals_hold_the_mean_and_shrink_with_more_images():
    _, masks = discs(64, 0)
    _, others = discs(64, 1)
    few, many = (mean_scores(image_scores(masks[:n], others[:n]), 0, 200) for n in (8, 64))
    for less, more in zip(few, many, strict=True):
        assert more["low"] < more["value"] < more["high"]
        assert more["high"] - more["low"] < less["high"] - less["low"]
    assert many == mean_scores(image_scores(masks, others), 0, 200)
