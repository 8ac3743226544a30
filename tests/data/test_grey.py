"""Images are grey only if every one of them is, in every part."""

from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.config import DataConfig
from tfmedgan.data import grey
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import standard_steps


@pytest.fixture
def chests():
    steps = standard_steps((16, 16, 3))
    return prepare(DataConfig(source="phantom:chest:20:0", steps=steps), 0)


def with_images(data, part: str, images):
    return replace(data, parts={**data.parts, part: replace(data.parts[part], images=images)})


def test_chests_are_grey_and_eyes_are_not(chests):
    assert grey.are_grey(chests)
    eyes = DataConfig(source="phantom:fundus:20:0", steps=standard_steps((16, 16, 3)))
    assert not grey.are_grey(prepare(eyes, 0))


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_one_coloured_pixel_is_enough(chests, part, monkeypatch):
    monkeypatch.setattr(grey, "AT_ONCE", 1)
    images = np.array(chests.parts[part].images)
    images[-1, 0, 0, 2] ^= 1
    assert not grey.are_grey(with_images(chests, part, images))


def test_images_of_one_channel_need_no_fewer(chests):
    for part in chests.parts:
        chests = with_images(chests, part, chests.parts[part].images[..., :1])
    assert not grey.are_grey(chests)


def test_a_mask_beside_them_does_not_count(chests):
    for part, own in chests.parts.items():
        mask = np.zeros((*own.images.shape[:3], 1), np.uint8)
        chests = with_images(chests, part, np.concatenate([own.images, mask + 255], axis=-1))
    assert grey.are_grey(chests)
