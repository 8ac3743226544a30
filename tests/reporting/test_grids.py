"""Where images lie in a grid, and how large they are."""

import numpy as np

from tfmedgan.reporting.grids import MARGIN, SMALLEST_TILE, grid, pairs


def test_small_images_are_enlarged_by_a_whole_factor():
    rows = np.random.default_rng(0).integers(0, 255, (2, 3, 28, 28, 1), dtype=np.uint8)
    picture = grid(rows)
    tile = 3 * 28  # the first multiple of 28 that is not below 64
    assert tile - 28 < SMALLEST_TILE <= tile
    assert picture.shape == (2 * (tile + 2 * MARGIN), 3 * (tile + 2 * MARGIN), 3)
    second = picture[MARGIN : MARGIN + tile, tile + 3 * MARGIN : 2 * tile + 3 * MARGIN]
    np.testing.assert_array_equal(second[::3, ::3, 1], rows[0, 1, ..., 0])


def test_rows_of_other_lengths_and_sizes_lie_on_white():
    black = np.zeros((64, 64, 3), np.uint8)
    picture = grid([[black, black], [black[:16, :16]]])
    step = 64 + 2 * MARGIN
    assert picture.shape == (2 * step, 2 * step, 3)
    assert not picture[step + MARGIN : step + MARGIN + 64, MARGIN : MARGIN + 64].any()
    assert (picture[step:, step:] == 255).all()


def test_names_stand_at_the_left_of_their_rows():
    rows = np.full((2, 1, 64, 64, 3), 255, np.uint8)
    named, bare = grid(rows, ("healthy", "")), grid(rows)
    label = named[:, : named.shape[1] - bare.shape[1]]
    half = len(label) // 2
    assert label[:half].min() < 128 and label[half:].min() == 255


def test_pairs_stand_side_by_side_and_apart_from_each_other():
    """Three pairs, two a row: the images of a pair as near as in a grid, the last place white."""
    left, right = np.full((3, 64, 64, 3), 10, np.uint8), np.full((3, 64, 64, 3), 90, np.uint8)
    picture, step = pairs(left, right, 2), 64 + 2 * MARGIN
    assert picture.shape == (2 * step, 2 * (2 * step + step // 2), 3)
    middle = picture[step // 2, :, 0]
    assert [int((middle == value).sum()) for value in (10, 90)] == [2 * 64, 2 * 64]
    assert (middle[2 * step : 2 * step + step // 2] == 255).all()
    assert middle[2 * step + step // 2 + MARGIN] == 10
    below = picture[step + step // 2]
    assert (below[2 * step :] == 255).all() and below[MARGIN, 0] == 10
