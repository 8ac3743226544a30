"""Masks stay with their images: what steps do to them, how they are drawn and told apart."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.data import steps as st
from tfmedgan.data.masks import (
    OUTLINE,
    binary,
    border,
    has_mask,
    image_channels,
    is_telling,
    masks_of,
    outlined,
    with_masks,
    without_mask,
)
from tfmedgan.errors import InputError

DICE = np.random.default_rng(5)
PHOTOGRAPH = cv2.GaussianBlur(DICE.integers(0, 256, (90, 90, 3), dtype=np.uint8), (0, 0), 3)
BLOB = cv2.ellipse(np.zeros((90, 90), np.uint8), (38, 52), (21, 13), 30, 0, 360, 255, -1)[..., None]
GEOMETRY = [
    st.Resize(32, "pad"), st.Resize(32, "crop"), st.Resize(45, "stretch"), st.Resize(37),
    st.Resize(32, "shorter"), st.Resize(143), st.CentreCrop(70),
]  # fmt: skip
RANDOM_GEOMETRY = [st.FlipHorizontal(), st.FlipVertical(), st.Rotate(40), st.Zoom(0.3)]
COLOUR = [st.Grayscale(), st.ToRGB(), st.Clahe(), st.Window(20, 200)]


def centre(image) -> np.ndarray:
    """Centre of mass of a picture (height, width, 1), in pixels."""
    return np.argwhere(np.ones(image.shape[:2])).T @ image.reshape(-1) / image.sum()


def check_together(image, mask, apart: float):
    """That a mask lies where the picture of the very same shape does, with nothing in between."""
    assert set(np.unique(mask)) == {0, 255}
    assert (mask[image >= 250] == 255).all() and (mask[image <= 5] == 0).all()
    assert np.abs(centre(image.astype(float)) - centre(mask.astype(float))).max() < apart


@pytest.mark.parametrize("step", GEOMETRY, ids=repr)
def test_image_steps_move_a_mask_as_its_image_and_do_not_blur_it(step):
    for picture in (BLOB, BLOB[8:82, 5:]):
        both = st.run_steps(picture, (step,), picture)
        # Halved, a pixel has four nearest ones, of which one is taken.
        half_a_pixel = 0.5 * min(1, both.shape[0] / 74)
        check_together(both[..., :1], both[..., 1:], 0.05 + half_a_pixel)


@pytest.mark.parametrize("step", RANDOM_GEOMETRY, ids=repr)
def test_random_steps_move_masks_as_their_images_and_do_not_blur_them(step):
    batch = np.repeat(with_masks(BLOB, BLOB[..., 0] > 0)[None], 12, axis=0)
    moved = st.run_batch_steps(batch, (step,), 1, tf.constant(7, tf.int64)).numpy()
    assert len(np.unique(moved[..., 1], axis=0)) > 1
    for image in moved:
        check_together(image[..., :1], image[..., 1:], 0.2)


@pytest.mark.parametrize("step", COLOUR, ids=repr)
def test_colour_steps_leave_masks_alone(step):
    both = st.run_steps(PHOTOGRAPH, (step,), BLOB)
    np.testing.assert_array_equal(both[..., -1:], BLOB)
    np.testing.assert_array_equal(both[..., :-1], st.run_steps(PHOTOGRAPH, (step,)))


def test_random_contrast_leaves_masks_alone_and_images_have_their_own_mean():
    number = tf.constant(0, tf.int64)
    alone = np.repeat(PHOTOGRAPH[None], 4, axis=0)
    both = with_masks(alone, np.repeat(BLOB[None, ..., 0] > 0, 4, axis=0))
    steps = (st.Contrast(0.5), st.Rescale(-1, 1))
    changed = st.run_batch_steps(both, steps, 0, number).numpy()
    np.testing.assert_array_equal(changed[..., :3], st.run_batch_steps(alone, steps, 0, number))
    assert set(np.unique(changed[..., 3])) == {-1, 1}
    np.testing.assert_array_equal(masks_of(changed), masks_of(both))


def test_a_whole_chain_gives_an_image_and_its_mask_in_the_shape_that_networks_take():
    for shape, image in (((24, 24, 4), PHOTOGRAPH), ((24, 24, 2), PHOTOGRAPH[..., :1])):
        for steps in (st.standard_steps(shape), st.adapted(st.standard_steps((8, 8, 3)), shape)):
            made = st.run_steps(image, steps, BLOB)
            assert made.shape == shape and set(np.unique(made[..., -1])) == {0, 255}


def test_a_step_that_does_not_say_whether_it_moves_pixels_is_refused():
    st.check_masks((*GEOMETRY, *COLOUR, *RANDOM_GEOMETRY, st.Contrast(), st.Rescale()))
    with pytest.raises(InputError, match="does not say whether it moves pixels"):
        st.check_masks((st.Resize(8), lambda image: image[:, ::-1]))


def test_channels():
    assert [has_mask(n) for n in (1, 2, 3, 4)] == [False, True, False, True]
    assert [image_channels(n) for n in (1, 2, 3, 4)] == [1, 1, 3, 3]
    both = with_masks(PHOTOGRAPH, BLOB[..., 0] > 0)
    np.testing.assert_array_equal(without_mask(both), PHOTOGRAPH)
    np.testing.assert_array_equal(without_mask(PHOTOGRAPH), PHOTOGRAPH)
    np.testing.assert_array_equal(masks_of(both), BLOB[..., 0] > 0)
    values = np.array([-1, -0.2, 0, 0.2], np.float32).reshape(1, 4, 1).repeat(2, axis=2)
    assert masks_of(values).tolist() == [[False, False, False, True]]
    assert masks_of(np.uint8([[[9, 127], [9, 128]]])).tolist() == [[False, True]]


def test_an_outline_is_drawn_around_the_mask_alone():
    image = with_masks(np.full((32, 32, 1), 90, np.uint8), np.zeros((32, 32), bool))
    image[8:20, 4:16, 1] = 255
    picture = outlined(image)
    assert picture.shape == (128, 128, 3)
    line = (picture == OUTLINE).all(axis=2)
    rows, columns = np.nonzero(line)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (32, 79, 16, 63)
    assert line.sum() == 4 * 47  # once around a square of 48 pixels
    assert (picture[~line] == 90).all()
    np.testing.assert_array_equal(outlined(PHOTOGRAPH), PHOTOGRAPH)


def test_no_line_is_drawn_where_the_picture_ends():
    mask = np.zeros((10, 10), bool)
    mask[:, :5] = True
    assert np.argwhere(border(mask)).tolist() == [[row, 4] for row in range(10)]


@pytest.mark.parametrize("top", [1, 255])
@pytest.mark.parametrize("form", ["grey", "rgb", "16 bit", "bool"])
def test_masks_of_two_values_are_read(top, form):
    mask = (BLOB[..., 0] > 0).astype(np.uint8) * top
    forms = {"grey": mask, "rgb": np.stack([mask] * 3, 2), "16 bit": mask.astype(np.uint16) * 257,
             "bool": mask > 0}  # fmt: skip
    if form == "16 bit" and top == 1:
        pytest.skip("257 of 65535 is grey, not white")
    np.testing.assert_array_equal(binary(forms[form], "a.png"), BLOB)


@pytest.mark.parametrize(("values", "said"), [
    ([0, 1, 2], "values 0, 1, 2"), ([0, 128], "values 0, 128"), ([1, 255], "values 1, 255"),
    ([7], "values 7"), (range(9), r"values 0, 1, 2, 3, … \(9 values\)"),
])  # fmt: skip
def test_other_values_are_listed(values, said):
    with pytest.raises(InputError, match=rf"^a\.png: not binary, {said};"):
        binary(np.array([list(values)], np.uint8), "a.png")


def test_masks_that_tell_two_pictures_apart():
    square = np.zeros((20, 20, 1), np.uint8)
    assert not is_telling(square) and not is_telling(square + 255)
    square[3:9, 4:7] = 255
    assert not is_telling(square) and is_telling(BLOB)
