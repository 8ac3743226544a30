"""Images that a network was trained on are refused where it is measured."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from tfmedgan.data.phantoms import draw
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import InputError
from tfmedgan.supervised.leaks import refuse_trained_on


def drawn(seed: int, size: int, count: int = 6) -> ImageArrays:
    images = np.stack([draw("chest", i % 2, seed, i, size) for i in range(count)])
    return ImageArrays(
        images, np.zeros(count, np.int32), tuple(f"{seed}/{i}" for i in range(count))
    )


def look(images: ImageArrays, training: ImageArrays, digest: str = "as then"):
    network = SimpleNamespace(image_shape=(*images.images.shape[1:3], 1))
    experiment = SimpleNamespace(network=network)
    run = SimpleNamespace(experiment=experiment, path=Path("unet"), data={"digest": "as then"})
    own = SimpleNamespace(parts={"train": training}, digest=digest, source="hospital A")
    return refuse_trained_on(run, images, "hospital B", lambda: own)


def with_image(images: ImageArrays, place: int, image: np.ndarray) -> ImageArrays:
    changed = images.images.copy()
    changed[place] = image
    return ImageArrays(changed, images.labels, images.names)


@pytest.mark.parametrize("size", [32, 96])
def test_other_images_pass(size):
    assert look(drawn(1, size), drawn(2, size)) == ()


@pytest.mark.parametrize("size", [32, 96])
def test_a_training_image_is_named(size):
    training = drawn(2, size)
    images = with_image(drawn(1, size), 3, training.images[4])
    with pytest.raises(InputError) as error:
        look(images, training)
    assert str(error.value) == (
        "leak: 1 of the 6 images of hospital B are, or look like, training images of unet: "
        "1/3 (2/4); leave them out"
    )


def test_a_mirrored_and_brighter_copy_is_named():
    training = drawn(2, 96)
    copy = cv2.convertScaleAbs(training.images[0][:, ::-1], alpha=1.0, beta=12)[..., np.newaxis]
    with pytest.raises(InputError, match=r"1 of the 6 .*: 1/5 \(2/0\)"):
        look(with_image(drawn(1, 96), 5, copy), training)


def test_masks_are_not_compared():
    """The mask is the last channel of an image with one; another mask hides no copy."""
    training = drawn(2, 32)
    pairs = [
        ImageArrays(np.concatenate([a.images, np.full_like(a.images, value)], 3), a.labels, a.names)
        for a, value in ((with_image(drawn(1, 32), 0, training.images[0]), 0), (training, 255))
    ]
    with pytest.raises(InputError, match=r"1/0 \(2/0\)"):
        look(*pairs)


def test_training_images_that_are_gone_are_a_note():
    def own():
        raise InputError("hospital A: folder does not exist")

    images = drawn(1, 32)
    network = SimpleNamespace(image_shape=(32, 32, 1))
    run = SimpleNamespace(experiment=SimpleNamespace(network=network), path=Path("unet"))
    (note,) = refuse_trained_on(run, images, "hospital B", own)
    assert note == (
        "not looked at whether training images are among them: hospital A: folder does not exist"
    )


def test_training_images_that_have_changed_are_a_note():
    (note,) = look(drawn(1, 32), drawn(1, 32), "another")
    assert note.endswith("hospital A: has changed since the run")
