"""The recommended bundle changes what it says, and no more."""

from dataclasses import replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import DiffAugment
from tfmedgan.errors import InputError
from tfmedgan.papers import PRESETS
from tfmedgan.recipes import EMA, with_small_data_aids


@pytest.mark.parametrize("name", ["iut2023/dcgan", "dfu-lstm/wgan-gp-lstm"])
def test_bundle_is_an_average(name):
    preset = PRESETS[name]
    assert with_small_data_aids(preset) == replace(preset, ema=EMA)


@pytest.mark.parametrize("name", ["rgan", "stylegan2"])
def test_networks_made_for_few_images_take_no_bundle(name):
    with pytest.raises(InputError, match=f"--small-data: {name} was made for few images"):
        with_small_data_aids(ARCHITECTURES[name])


@pytest.mark.parametrize("name", ["dcgan", "wgan-gp-lstm"])
def test_a_bundle_that_changes_nothing_is_refused(name):
    with pytest.raises(InputError, match="--small-data: changes nothing"):
        with_small_data_aids(ARCHITECTURES[name])


@pytest.mark.parametrize(
    ("name", "augment", "rates", "energy_weight"),
    [
        (
            "vuw-covid/table5-dcgan",
            DiffAugment(cutout_probability=0.5, contrast=0.0, noise=0.1),
            (8e-4, 2e-4),
            3.0,
        ),
        ("vuw-covid/table5-wgan-gp", DiffAugment(cutout=0.0), (1e-3, 3e-4), 0.0),
        ("iut2023/cgan", None, (4e-4, 4e-4), 0.0),
    ],
)
def test_bundle_augments_and_quickens_what_that_helped(name, augment, rates, energy_weight):
    """The moments of Adam and all else stay the document's."""
    preset = PRESETS[name]
    bundle = with_small_data_aids(preset)
    optimizers = bundle.generator_optimizer, bundle.discriminator_optimizer
    assert tuple(optimizer.learning_rate for optimizer in optimizers) == rates
    back = [replace(o, learning_rate=preset.generator_optimizer.learning_rate) for o in optimizers]
    assert back == [preset.generator_optimizer, preset.discriminator_optimizer]
    same = {
        name: getattr(preset, name) for name in ("generator_optimizer", "discriminator_optimizer")
    }
    model = replace(preset.model, energy_weight=energy_weight)
    assert replace(bundle, **same) == replace(preset, ema=EMA, augment=augment, model=model)
