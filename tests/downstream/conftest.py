"""A study of discs on noise, so small that a training takes a moment."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.segmentation.conftest import discs
from tfmedgan.config import AdamConfig, DataConfig
from tfmedgan.data.masks import with_masks
from tfmedgan.data.steps import Resize, ToRGB
from tfmedgan.downstream.config import MaskStudy
from tfmedgan.segmentation import UNET, UNetConfig

SIZE = 16


@pytest.fixture(scope="session")
def real_discs(tmp_path_factory):
    """60 images with masks, of which the last is the first again, a little lighter."""
    place = tmp_path_factory.mktemp("real")
    images, masks = discs(59, 0, 32)
    images = np.concatenate([images, (images[:1].astype(int) + 2).clip(0, 255).astype(np.uint8)])
    masks = np.concatenate([masks, masks[:1]])
    for kind, pictures in (("images", images), ("masks", masks.astype(np.uint8) * 255)):
        (place / kind).mkdir()
        for index, picture in enumerate(pictures):
            Image.fromarray(picture).save(place / kind / f"{index:02d}.png")
    return place


@pytest.fixture
def design(real_discs):
    """Function: sources and further fields → a study."""

    def study(*sources, **fields):
        data = DataConfig(
            source=str(real_discs), steps=(ToRGB(), Resize(SIZE)), fractions=(0.3, 0.2, 0.5),
            masks=True,
        )  # fmt: skip
        unet = replace(
            UNET, data=data, network=UNetConfig((SIZE, SIZE, 3), width=4, depth=1), batch_size=8,
            optimizer=AdamConfig(1e-2, 0.9), updates_per_epoch=10, epochs=6, precision="float32",
        )  # fmt: skip
        plan = {"seeds": 1, "classical": (), "features": "", "replicates": 100, **fields}
        return MaskStudy(unet, sources, **plan)

    return study


@pytest.fixture(scope="session")
def other_discs():
    """Function: a count → as many other images with their true masks, uint8 (n, 16, 16, 4)."""

    def pairs(count):
        images, masks = discs(count, 1000, SIZE)
        return with_masks(images, masks)

    return pairs
