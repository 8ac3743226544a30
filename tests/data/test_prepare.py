"""Preparing: what is recorded, selected and refused."""

import numpy as np
import pytest
from PIL import Image

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.steps import Grayscale, Rescale, Resize, ToRGB, standard_steps
from tfmedgan.errors import InputError

STEPS = standard_steps((16, 16, 3))


def test_shapes_ranges_and_progress():
    seen = []
    config = DataConfig("phantom:chest:20", standard_steps((16, 16, 1)))
    prepared = prepare(config, 0, lambda *state: seen.append(state))
    assert prepared.class_names == ("normal", "pneumonia") and prepared.value_range == (-1.0, 1.0)
    assert prepared.parts["train"].images.shape == (28, 16, 16, 1)
    assert prepared.parts["train"].images.dtype == np.uint8
    assert (40, 40, "reading images") in seen and (40, 40, "comparing images") in seen
    assert prepared.card["licence"] == "Apache-2.0" and prepared.skipped == ()


def test_digest_follows_names_labels_and_pixels(tmp_path):
    def digest(names=("a/1.png", "b/2.png"), value=9) -> str:
        for old in tmp_path.rglob("*.png"):
            old.unlink()
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.new("L", (8, 8), value).save(tmp_path / name)
        return prepare(DataConfig(str(tmp_path), STEPS), 0).digest

    first = digest()
    assert first == digest()
    assert (
        len(
            {first, digest(value=8), digest(("a/1.png", "b/3.png")), digest(("a/1.png", "a/2.png"))}
        )
        == 4
    )


def test_steps_do_not_change_the_digest():
    small = prepare(DataConfig("phantom:foot:4", STEPS), 0)
    large = prepare(DataConfig("phantom:foot:4", standard_steps((32, 32, 1))), 0)
    assert small.digest == large.digest
    assert small.digest != prepare(DataConfig("phantom:foot:4", STEPS), 1).digest


def test_at_most_so_many_training_images():
    prepared = prepare(DataConfig("phantom:foot:20", STEPS, images=5), 0)
    assert len(prepared.parts["train"]) == len(prepared.split.train) == 5
    assert len(prepared.parts["test"]) == 6


def test_classes_are_selected_and_renumbered():
    names = ("severe", "no DR")
    prepared = prepare(DataConfig("phantom:fundus:6", STEPS, classes=names), 0)
    assert prepared.class_names == names
    first = prepared.parts["train"]
    assert {n.split("/")[1]: label for n, label in zip(first.names, first.labels, strict=True)} == {
        "3": 0,
        "0": 1,
    }
    with pytest.raises(InputError, match="no class mildest; it has: no DR, mild"):
        prepare(DataConfig("phantom:fundus:6", STEPS, classes=("mildest",)), 0)


def test_images_of_several_shapes_are_explained(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "a.png")
    Image.new("RGB", (8, 9), "red").save(tmp_path / "b.png")
    with pytest.raises(InputError, match=r"b\.png is 9×8×3 after the steps but a\.png is 8×8×1"):
        prepare(DataConfig(str(tmp_path), (Rescale(),)), 0)
    mixed = DataConfig(str(tmp_path), (Resize(8), Rescale()))
    with pytest.raises(InputError, match="add Resize, and Grayscale or ToRGB"):
        prepare(mixed, 0)
    assert prepare(DataConfig(str(tmp_path), (ToRGB(), Resize(8), Rescale())), 0)


def test_no_source_and_wrong_order_are_refused():
    with pytest.raises(InputError, match="no data given"):
        prepare(DataConfig(), 0)
    with pytest.raises(InputError, match="comes after"):
        prepare(DataConfig("phantom:foot:2", (Rescale(), Grayscale())), 0)
