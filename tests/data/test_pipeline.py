"""The stream: seeded, resumable, complete, balanced, from memory or from disk alike."""

import numpy as np
import pytest

from tfmedgan.config import DataConfig
from tfmedgan.data import pipeline
from tfmedgan.data.balance import balanced
from tfmedgan.data.pipeline import build_dataset, stream
from tfmedgan.data.prepare import prepare
from tfmedgan.data.records import ImageArrays
from tfmedgan.data.steps import FlipHorizontal, Rescale, Rotate, standard_steps
from tfmedgan.errors import InputError

STEPS = (FlipHorizontal(), Rotate(20), Rescale(-1, 1))


def numbered(count: int, sizes: tuple[int, ...] = ()) -> ImageArrays:
    """Images whose pixels are their number, labels in blocks of `sizes`."""
    sizes = sizes or (count,)
    images = np.broadcast_to(
        np.arange(count, dtype=np.uint8)[:, None, None, None], (count, 4, 4, 1)
    )
    labels = np.repeat(np.arange(len(sizes)), sizes).astype(np.int32)
    return ImageArrays(np.ascontiguousarray(images), labels, tuple(map(str, range(count))))


def drawn(arrays: ImageArrays, batch: int, batches: int, seed: int = 0, start: int = 0):
    """Numbers of the images in the order of the stream."""
    data = stream(arrays, (Rescale(0, 255),), batch, seed, start).take(batches)
    return np.concatenate([images[:, 0, 0, 0] for images, _ in data.as_numpy_iterator()]).astype(
        int
    )


def test_each_pass_is_a_new_permutation():
    order = drawn(numbered(21), 7, 9)
    passes = order.reshape(3, 21)
    for one in passes:
        assert sorted(one) == list(range(21))
    assert len({tuple(one) for one in passes}) == 3
    np.testing.assert_array_equal(order, drawn(numbered(21), 7, 9))
    assert not np.array_equal(order, drawn(numbered(21), 7, 9, seed=1))


@pytest.mark.parametrize("balance", ["none", "oversample", "uniform-labels"])
@pytest.mark.parametrize("done", [1, 5, 13])
def test_a_resumed_stream_equals_the_uninterrupted_one(done, balance):
    arrays = balanced(numbered(10, (7, 3)), balance)
    whole = list(stream(arrays, STEPS, 4, seed=3).take(done + 4).as_numpy_iterator())
    later = list(stream(arrays, STEPS, 4, seed=3, start=done * 4).take(4).as_numpy_iterator())
    for (images, labels), (again, same) in zip(whole[done:], later, strict=True):
        np.testing.assert_array_equal(images, again)
        np.testing.assert_array_equal(labels, same)


def test_oversampling_shows_every_image_and_equal_classes():
    arrays = balanced(numbered(10, (7, 3)), "oversample")
    order = drawn(arrays, 14, 1)
    assert set(order) == set(range(10))
    assert np.bincount(arrays.labels[order]).tolist() == [7, 7]


def test_uniform_labels_are_independent_of_class_sizes():
    arrays = balanced(numbered(100, (95, 5)), "uniform-labels")
    order = drawn(arrays, 100, 40)
    assert abs(np.mean(order >= 95) - 0.5) < 0.04  # 5 standard errors of 4,000 draws
    assert np.bincount(order, minlength=100).std() > 0  # with replacement


@pytest.mark.parametrize("balance", ["none", "uniform-labels"])
def test_shares_of_a_batch_are_its_rows(balance):
    """With the random steps of the whole batch, and from the position of a resumed run."""
    arrays = balanced(numbered(10, (7, 3)), balance)
    shares = np.array([[0, 1, 4], [2, 3, 5]])
    whole = stream(arrays, STEPS, 6, seed=3, start=12).take(4).as_numpy_iterator()
    parts = stream(arrays, STEPS, 6, seed=3, start=12, shares=shares).as_numpy_iterator()
    for images, labels in whole:
        for rows in shares:
            share, numbers = next(parts)
            np.testing.assert_array_equal(share, images[rows])
            np.testing.assert_array_equal(numbers, labels[rows])


def test_only_the_rows_of_a_share_are_read(tmp_path, monkeypatch):
    config = DataConfig("phantom:foot:15", (*standard_steps((16, 16, 3))[:-1], *STEPS))
    monkeypatch.setattr("tfmedgan.data.storage.IN_MEMORY", 1000)
    arrays = prepare(config, 0, cache=tmp_path).parts["train"]
    read, original = [], pipeline.read_rows
    monkeypatch.setattr(
        pipeline, "read_rows", lambda images, rows: read.append(len(rows)) or original(images, rows)
    )
    data = stream(arrays, STEPS, 8, 0, shares=np.array([[2, 3]]))
    assert [len(labels) for _, labels in data.take(3).as_numpy_iterator()] == [2, 2, 2]
    assert set(read) == {2}


def test_one_class_cannot_be_balanced():
    with pytest.raises(InputError, match="at least two classes"):
        balanced(numbered(4), "oversample")


def test_large_sets_stream_from_disk_as_from_memory(tmp_path, monkeypatch):
    config = DataConfig("phantom:foot:15", (*standard_steps((16, 16, 3))[:-1], *STEPS))
    memory = prepare(config, 0)
    monkeypatch.setattr("tfmedgan.data.storage.IN_MEMORY", 1000)
    disk = prepare(config, 0, cache=tmp_path)
    assert isinstance(disk.parts["train"].images, np.memmap)
    assert disk.digest == memory.digest and disk.split == memory.split
    assert {path.name for path in tmp_path.rglob("*.npy")} == {
        "train.npy", "validation.npy", "test.npy",
    }  # fmt: skip
    pairs = zip(
        stream(memory.parts["train"], config.steps, 8, 0).take(6).as_numpy_iterator(),
        stream(disk.parts["train"], config.steps, 8, 0).take(6).as_numpy_iterator(),
        strict=True,
    )
    for (images, labels), (from_disk, same) in pairs:
        np.testing.assert_array_equal(images, from_disk)
        np.testing.assert_array_equal(labels, same)


def test_build_dataset_is_finite_and_new_on_each_iteration():
    config = DataConfig("phantom:foot:10", (*standard_steps((16, 16, 3))[:-1], *STEPS))
    data = build_dataset(config, batch_size=4, seed=0)
    first, second = (list(data.as_numpy_iterator()) for _ in range(2))
    assert sum(len(labels) for _, labels in first) == sum(len(labels) for _, labels in second) == 14
    assert not np.array_equal(first[0][0], second[0][0])
    again = next(build_dataset(config, batch_size=4, seed=0).as_numpy_iterator())
    np.testing.assert_array_equal(again[0], first[0][0])
    images, labels = data.element_spec
    assert images.dtype == "float32" and labels.dtype == "int32"
    assert first[0][0].min() >= -1 and first[0][0].max() <= 1 + 1e-6


def test_unknown_and_empty_parts_are_refused():
    config = DataConfig("phantom:foot:4", standard_steps((16, 16, 3)), fractions=(1.0, 0.0, 0.0))
    with pytest.raises(InputError, match="unknown part 'all'; valid: train, validation, test"):
        build_dataset(config, part="all")
    with pytest.raises(InputError, match="the test part is empty"):
        build_dataset(config, part="test")
    with pytest.raises(InputError, match="no images to draw from"):
        stream(numbered(0), STEPS, 4, 0)


@pytest.mark.parametrize("shares", [None, np.arange(4).reshape(2, 2)])
def test_giving_up_a_stream_waits_for_nothing(shares):
    """TensorFlow's tuning sleeps for seconds in a thread that the end of an iterator waits for."""
    data = stream(numbered(8), STEPS, 4, seed=0, shares=shares)
    assert data.options().autotune.enabled is False
    assert data.map(lambda images, labels: images).options().autotune.enabled is False
