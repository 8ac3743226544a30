"""Pairs of image and mask: metrics see the images alone, figures show both."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tfmedgan.data.masks import OUTLINE, with_masks
from tfmedgan.errors import InputError
from tfmedgan.evaluation import figures
from tfmedgan.evaluation.comparison import evaluate
from tfmedgan.evaluation.images import array_pool, joined
from tfmedgan.evaluation.metrics import METRICS

DICE = np.random.default_rng(2)
IMAGES = DICE.integers(0, 256, (24, 16, 16, 3), dtype=np.uint8)
MASKS = np.zeros((24, 16, 16), bool)
for number, mask in enumerate(MASKS):
    mask[4 : 4 + number // 2, 2:10] = True  # the first two are empty
PAIRS = array_pool(with_masks(IMAGES, MASKS), "pairs")


def test_a_pool_of_pairs_is_that_of_its_images():
    alone = array_pool(IMAGES, "images")
    assert PAIRS.hashes == alone.hashes and PAIRS.shape == (16, 16, 3)
    np.testing.assert_array_equal(PAIRS.read(3), IMAGES[3])
    assert alone.read_mask is None


def test_masks_go_where_their_images_go():
    again = joined([PAIRS.take([5, 3, 9]), PAIRS.in_order_of_content()], "both").take([1, 0])
    for index, number in enumerate((3, 5)):
        np.testing.assert_array_equal(again.read(index), IMAGES[number])
        np.testing.assert_array_equal(again.read_mask(index), MASKS[number])
    assert joined([PAIRS, array_pool(IMAGES, "images")], "mixed").read_mask is None


def test_figures_show_the_outline():
    picture = np.asarray(Image.open(io.BytesIO(figures.overview(PAIRS, (), synthetic=True))))
    assert (picture == OUTLINE).all(axis=2).any()
    np.testing.assert_array_equal(replace(PAIRS, read_mask=None).picture(3), IMAGES[3])


def test_metrics_of_pairs_are_those_of_images_and_the_share_of_masks_has_rows_of_its_own():
    fakes = with_masks(IMAGES[::-1], np.roll(MASKS, 1, axis=2))
    fakes[:12, ..., 3] = 0
    names = ("deviation_fake", "mask_share")
    deviation, fake, real = evaluate(fakes, PAIRS, names)
    (alone,) = evaluate(fakes[..., :3], IMAGES, names[:1])
    assert deviation.value == alone.value
    assert real.value == pytest.approx(MASKS.mean()) and real.metric == "mask_share_real"
    assert fake.value == pytest.approx(np.roll(MASKS, 1, axis=2)[12:].mean() / 2)
    assert (fake.note, real.note) == ("50% of the masks are empty", "8% of the masks are empty")
    assert real.low < real.value < real.high


def test_images_alone_have_no_share_of_masks():
    assert METRICS["mask_share"].default == "for pairs"
    with pytest.raises(InputError, match="mask_share: generated: images without masks; leave it"):
        evaluate(IMAGES, PAIRS, ("mask_share_fake",))
