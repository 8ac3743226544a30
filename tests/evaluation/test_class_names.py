"""Generated and real images are compared class by class where their classes have the same names."""

import numpy as np
from PIL import Image

from tfmedgan.data.class_folders import folder_names
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.inputs import _renumbered, folder_inputs
from tfmedgan.serving.copies import _state

CLASSES = ("<5 mm", ">5 mm")


def folder(root, names):
    dice = np.random.default_rng(0)
    for name in names:
        (root / name).mkdir(parents=True)
        for index in range(3):
            image = dice.integers(0, 256, (8, 8), dtype=np.uint8)
            Image.fromarray(image).save(root / name / f"{index}.png")
    return str(root)


def test_a_generated_folder_is_compared_class_by_class(tmp_path):
    fake = folder(tmp_path / "fake", folder_names(CLASSES[:1]))
    real = folder(tmp_path / "real", CLASSES)
    material = folder_inputs(fake, real)
    assert material.class_names == CLASSES and not material.notes
    assert material.fake.labels.tolist() == [0, 0, 0]


def test_other_names_are_said(tmp_path):
    fake, real = folder(tmp_path / "fake", ("small", "large")), folder(tmp_path / "real", CLASSES)
    material = folder_inputs(fake, real)
    assert material.class_names == ()
    assert "its classes large, small are not those of" in material.notes[0]
    assert (
        "which has the classes <5 mm, >5 mm; nothing is measured class by class"
        in (material.notes[0])
    )


def test_labels_follow_the_names():
    pool = array_pool(np.zeros((3, 4, 4), np.uint8), "x", labels=np.array([0, 1, 1], np.int32))
    assert _renumbered(pool, ("b", "a"), ("a", "b")).labels.tolist() == [1, 0, 0]
    assert _renumbered(pool, ("b", "c"), ("a", "b")) is None
    assert _renumbered(pool, (), ("a", "b")) is None


def test_without_held_out_images_the_check_for_copies_is_no_pass():
    states = [_state({"passed": passed}) for passed in (True, None, False)]
    assert states == ["passed", "inconclusive", "failed"]
    assert _state(None) == "not checked"
