"""Where pairs come from: a generator that is trained for the study, a run, a folder."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.segmentation.conftest import discs
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import DataConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.downstream.config import PairSource
from tfmedgan.downstream.material import real_pairs
from tfmedgan.downstream.synthesis import synthesise_pairs as synthesise
from tfmedgan.errors import InputError
from tfmedgan.run_directory import RunDirectory
from tfmedgan.segmentation import UNetConfig

SHAPE = (32, 32, 4)


@pytest.fixture
def trained():
    """A source whose generator is trained for one epoch."""
    base = ARCHITECTURES["dcgan64"]
    model = replace(base.model, image_shape=SHAPE, ngf=2, ndf=2)
    data = DataConfig(source="x", steps=standard_steps(SHAPE), masks=True)
    experiment = replace(base, data=data, model=model, epochs=1, batch_size=8, ema=0.0)
    return PairSource("tiny", experiment)


def sized(study):
    """The study with images of 32 pixels."""
    unet = study.unet
    steps = tuple(replace(s, size=32) if hasattr(s, "size") else s for s in unet.data.steps)
    network = UNetConfig((32, 32, 3), width=4, depth=1)
    return replace(study, unet=replace(unet, data=replace(unet.data, steps=steps), network=network))


def test_generators_learn_from_the_training_part_and_are_used_again(design, trained, tmp_path):
    study = sized(design(trained, generator_seeds=1))
    data = real_pairs(study, tmp_path / "split.json")
    first = synthesise(study, trained, tmp_path, 0, 6, data)
    assert first.shape == (6, *SHAPE) and set(np.unique(first[..., -1])) <= {0, 255}
    (place,) = (tmp_path / "generators" / "tiny").iterdir()
    run = RunDirectory.open(place)
    assert sorted(run.data["trained_on"]) == sorted(data.parts["train"].names)
    other = synthesise(study, trained, tmp_path, 1, 6, data)  # the same generator, other draws
    assert not np.array_equal(first, other)
    assert len(list((tmp_path / "generators" / "tiny").iterdir())) == 1

    same = synthesise(study, PairSource("run", place=str(place)), tmp_path, 0, 6, data)
    assert same.shape == first.shape
    swapped = replace(data, parts={**data.parts, "test": data.parts["train"]})
    with pytest.raises(InputError, match=r"leak: .* was trained on 18 of the test images"):
        synthesise(study, PairSource("run", place=str(place)), tmp_path, 0, 6, swapped)
    with pytest.raises(InputError, match=r"makes images of \(32, 32, 3\), .* --image-size 32"):
        synthesise(design(trained), PairSource("run", place=str(place)), tmp_path, 0, 6, data)


def test_a_folder_of_pairs_is_drawn_from_by_seed(design, tmp_path):
    folder = tmp_path / "made"
    images, masks = discs(8, 5, 16)
    for kind, pictures in (("images", images), ("masks", masks.astype(np.uint8) * 255)):
        (folder / kind).mkdir(parents=True)
        for index, picture in enumerate(pictures):
            Image.fromarray(picture).save(folder / kind / f"{index}.png")
    source = PairSource("made", place=str(folder))
    study = design(source)
    data = real_pairs(study, tmp_path / "split.json")
    first, other = (synthesise(study, source, tmp_path, seed, 5, data) for seed in (0, 1))
    assert first.shape == (5, 16, 16, 4) and not np.array_equal(first, other)
    whole = synthesise(study, source, tmp_path, 0, 99, data)
    assert len(whole) == 8 and np.array_equal(whole[:5], first)
    assert (whole[..., -1] == 255).sum() == masks.sum()
