"""The recommended bundle changes what it says, and no more."""

from dataclasses import replace

import pytest

from tfmedgan.augmentation import DiffAugment
from tfmedgan.small_data import EMA, with_small_data_aids
from tfmedgan.studies import PRESETS


@pytest.mark.parametrize(
    ("name", "augment"),
    [("vuw-covid/table5-dcgan", DiffAugment()), ("iut2023/cgan", None)],
)
def test_bundle_is_an_average_and_for_dcgans_augmentation(name, augment):
    preset = PRESETS[name]
    assert with_small_data_aids(preset) == replace(preset, ema=EMA, augment=augment)
