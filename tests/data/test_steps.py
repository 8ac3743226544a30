"""Steps: the same eagerly and inside tf.data, and OpenCV's own where they name it."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.data import steps as st
from tfmedgan.data.chains import CHAINS
from tfmedgan.data.steps.chain import to_bytes
from tfmedgan.errors import InputError
from tfmedgan.serialization import decode, encode

DICE = np.random.default_rng(3)
RGB = cv2.GaussianBlur(DICE.integers(0, 256, (75, 90, 3), dtype=np.uint8), (0, 0), 3)
GREY = RGB[..., :1].copy()
IMAGE_STEPS = [
    st.Resize(32, "pad"), st.Resize(32, "crop"), st.Resize(32, "stretch"),
    st.Resize(32, "shorter"), st.Resize(120), st.CentreCrop(40), st.Grayscale(), st.ToRGB(),
    st.Clahe(), st.Clahe(4.0, 3), st.Window(20, 200),
]  # fmt: skip
RANDOM_STEPS = [
    st.FlipHorizontal(), st.FlipVertical(), st.Rotate(30), st.Zoom(0.2), st.Contrast(0.5),
]  # fmt: skip


def test_every_step_is_tried():
    offered = {value for value in vars(st).values() if isinstance(value, type)}
    tried = {type(step) for step in (*IMAGE_STEPS, *RANDOM_STEPS, st.Rescale())}
    assert tried == offered - {st.Rows}, "write the step into IMAGE_STEPS or RANDOM_STEPS"
    assert all(decode(encode(step)) == step for step in (*IMAGE_STEPS, *RANDOM_STEPS))
    st.check_masks((*IMAGE_STEPS, *RANDOM_STEPS))  # each says whether it moves pixels


@pytest.mark.parametrize("image", [GREY, RGB], ids=["grey", "rgb"])
@pytest.mark.parametrize("step", IMAGE_STEPS, ids=repr)
def test_image_steps_are_the_same_inside_tf_data(step, image):
    eager = step(image)
    data = tf.data.Dataset.from_tensors(image).map(lambda x: tf.numpy_function(step, [x], tf.uint8))
    assert eager.dtype == np.uint8 and eager.ndim == 3
    np.testing.assert_array_equal(next(data.as_numpy_iterator()), eager)


@pytest.mark.parametrize("step", [*RANDOM_STEPS, st.Rescale(-1, 1)], ids=repr)
def test_batch_steps_are_the_same_inside_tf_data(step):
    batch = np.stack([RGB] * 5)
    number = tf.constant(4, tf.int64)
    eager = st.run_batch_steps(batch, (step,), 1, number).numpy()
    data = tf.data.Dataset.from_tensors(batch).map(
        lambda x: st.run_batch_steps(x, (step,), 1, number)
    )
    np.testing.assert_array_equal(next(data.as_numpy_iterator()), eager)


@pytest.mark.parametrize("step", RANDOM_STEPS, ids=repr)
def test_random_steps_differ_between_images_and_draws_and_stay_in_range(step):
    batch = np.stack([RGB] * 8)
    first, second = (
        st.run_batch_steps(batch, (step,), 0, tf.constant(n, tf.int64)) for n in (0, 8)
    )
    first, second = first.numpy(), second.numpy()
    assert not np.array_equal(first, second)
    assert any(not np.array_equal(first[0], other) for other in first[1:])
    assert first.min() >= 0 and first.max() <= 255 + 1e-3


def test_random_geometry_is_about_the_centre():
    square = RGB[:75, :75].astype(np.float32)[np.newaxis]
    turned = st.random._about_centre(square, tf.constant([0.0]), tf.constant([1.0])).numpy()[0]
    quarter = min(np.abs(turned - np.rot90(square[0], k)).max() for k in (1, 3))
    assert quarter < 0.5  # rounding of bilinear weights
    flips = st.FlipHorizontal(1.0)(square, tf.constant([0, 0], tf.int64)).numpy()
    np.testing.assert_array_equal(flips[0], square[0][:, ::-1])


def test_clahe_is_opencvs_to_the_last_bit():
    clahe = cv2.createCLAHE(2.0, (8, 8))
    np.testing.assert_array_equal(st.Clahe(2.0, 8)(GREY)[..., 0], clahe.apply(GREY[..., 0]))
    lab = cv2.cvtColor(RGB, cv2.COLOR_RGB2LAB)
    lab[..., 0] = clahe.apply(lab[..., 0])
    np.testing.assert_array_equal(st.Clahe(2.0, 8)(RGB), cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


def test_resize_keeps_proportions_and_is_antialiased():
    stripes = np.zeros((128, 256, 1), np.uint8)
    stripes[:, ::2] = 255
    padded = st.Resize(64, "pad")(stripes)
    assert padded.shape == (64, 64, 1)
    assert not padded[:16].any() and not padded[48:].any()  # black bars
    assert np.abs(padded[16:48].astype(int) - 128).max() <= 1  # even grey, no stripes
    assert st.Resize(64, "shorter")(stripes).shape == (64, 128, 1)
    assert st.Resize(64, "crop")(stripes).shape == (64, 64, 1)


def test_sixteen_bits_become_eight_by_the_stated_rule():
    ends = np.array([[0, 257, 65535, 1000]], np.uint16)
    assert to_bytes(ends).tolist() == [[0, 1, 255, 4]]
    assert st.run_steps(ends, (st.Window(0, 2000),))[..., 0].tolist() == [[0, 33, 255, 128]]
    assert st.run_steps(ends, (st.ToRGB(),)).shape == (1, 4, 3)


def test_order_of_stages_is_checked():
    st.check_chain((st.Clahe(), st.Resize(8), st.FlipVertical(), st.Rescale()))
    for wrong in [(st.Rescale(), st.Resize(8)), (st.FlipVertical(), st.Clahe()),
                  (st.Rescale(), st.Zoom()), (st.Rescale(), st.Rescale())]:  # fmt: skip
        with pytest.raises(InputError, match="comes after"):
            st.check_chain(wrong)


@pytest.mark.parametrize(("step", "values", "reason"), [
    (st.Resize, (0,), "size is 0"), (st.Resize, (8, "fit"), "aspect 'fit'"),
    (st.Clahe, (0,), "limit is 0"), (st.Clahe, (2, 0), "0 tiles"),
    (st.Window, (3, 3), "low 3"), (st.Rescale, (1, 1), "low 1"), (st.Rotate, (0,), "degrees is 0"),
    (st.Zoom, (1,), "amount is 1"), (st.Contrast, (2,), "amount is 2"),
    (st.FlipVertical, (1.5,), "probability is 1.5"), (st.CentreCrop, (0,), "size is 0"),
])  # fmt: skip
def test_impossible_values_are_refused(step, values, reason):
    with pytest.raises(InputError, match=f"^{step.__name__}: .*{reason}"):
        step(*values)


@pytest.mark.parametrize("name", CHAINS)
def test_chains_of_the_documents_run_and_survive_json(name):
    chain = CHAINS[name]
    st.check_chain(chain)
    assert decode(encode(chain)) == chain
    image = st.run_steps(RGB, chain)
    assert image.shape[0] == image.shape[1] and image.dtype == np.uint8
    low, high = chain[-1].value_range
    values = st.run_batch_steps(image[np.newaxis], chain, 0, tf.constant(0, tf.int64)).numpy()
    assert values.min() >= low - 1e-4 and values.max() <= high + 1e-4


def test_adapted_changes_size_and_the_last_colour_only():
    chain = st.adapted(CHAINS["vuw-covid/64"], (128, 128, 1))
    assert chain[0] == st.Grayscale() and chain[3] == st.Grayscale() and chain[2].size == 128


@pytest.mark.parametrize("aspect", ["stretch", "pad", "shorter"])
def test_what_is_found_on_a_resized_image_goes_back_to_its_place(aspect):
    """A disc drawn at 60×90 is about where it was, at the size that it had."""
    rows, columns = np.mgrid[:60, :90]
    disc = np.hypot(rows - 25, columns - 55) < 14
    resize = st.Resize(64, aspect)
    small = resize(255 * disc.astype(np.uint8)[..., np.newaxis])[..., 0]
    back = resize.undone(small.astype(np.float32), 60, 90) > 127
    assert back.shape == (60, 90)
    assert np.count_nonzero(back != disc) < 0.08 * np.count_nonzero(disc)


def test_what_was_cut_off_has_no_way_back():
    with pytest.raises(InputError, match="cuts images, so that there is no way back"):
        st.Resize(64, "crop").undone(np.zeros((64, 64), np.float32), 60, 90)
