"""A checkpoint holds all that the next step of any architecture depends on."""

import dataclasses

import keras
import numpy as np
import pytest

from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdaptiveAugment
from tfmedgan.errors import InputError
from tfmedgan.training.checkpoints import CheckpointStore, Position

FEW = {"ngf": 4, "ndf": 4, "lstm_units": 16, "label_dim": 8, "critic_steps": 2}


def small(name):
    model = ARCHITECTURES[name].model
    own = {field.name for field in dataclasses.fields(model)}
    size = min(model.possible_sizes())
    shape = (size, size, 1)
    fields = {k: v for k, v in FEW.items() if k in own}
    return dataclasses.replace(model, image_shape=shape, **fields)


def compiled(config, seed=1, precision="float32"):
    model = models.create(config, seed=seed, precision=precision)
    adams = (keras.optimizers.Adam(1e-3, 0.5) for _ in range(2))
    augment = AdaptiveAugment(target=-0.99, interval=1, images=100)  # p moves at once
    model.compile(*adams, ema=0.9, augment=augment, run_eagerly=True)
    return model


def advance(model, first, steps):
    for number in range(first, first + steps):
        rng = np.random.default_rng(number)
        images = rng.uniform(-1, 1, (8, *model.config.image_shape)).astype("float32")
        model.train_on_batch(images, rng.integers(0, 2, 8).astype("int32"))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_resumed_equals_uninterrupted_for_every_architecture(name, tmp_path):
    """Another seed in the second model shows that nothing of its own is left."""
    store = CheckpointStore(tmp_path)
    model = compiled(small(name))
    advance(model, 0, 2)
    store.save(Position(1, 2), model)
    advance(model, 2, 1)
    resumed = compiled(small(name), seed=2)
    resumed.seed = model.seed
    assert store.restore(resumed) == Position(1, 2)
    advance(resumed, 2, 1)
    assert float(resumed.augmentation.p) > 0
    for ours, theirs in zip(model.state, resumed.state, strict=True):
        assert (np.asarray(ours) == np.asarray(theirs)).all(), ours.path


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    store = CheckpointStore(tmp_path)
    store.save(Position(1, 1), compiled(small("dcgan64")))
    with pytest.raises(InputError, match="was made by another model"):
        store.restore(compiled(small("wgan-gp64")))


def test_a_float16_checkpoint_from_before_updates_were_counted_opens(tmp_path):
    store = CheckpointStore(tmp_path)
    model = compiled(small("dcgan64"), precision="mixed_float16")
    store.save(Position(1, 7), model)
    with np.load(store.paths()[-1]) as file:
        arrays = dict(file)
    del arrays[f"state/{len(model.state) - 1:04d}"]
    np.savez(store.paths()[-1], **arrays)
    former = compiled(small("dcgan64"), seed=2, precision="mixed_float16")
    assert store.restore(former) == Position(1, 7)
    assert former.steps_done == 7
    for ours, theirs in zip(model.state[:-1], former.state[:-1], strict=True):
        assert (np.asarray(ours) == np.asarray(theirs)).all(), ours.path


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_is_taken_without_it(tmp_path):
    store = CheckpointStore(tmp_path / "checkpoints")  # which is made
    model = compiled(small("cgan"))
    for step in (1, 2):
        store.save(Position(1, step), model)
    damaged = store.paths()[-1]
    damaged.write_text("no archive")
    for use in (store.last, lambda: store.restore(model)):
        with pytest.raises(
            InputError, match=f"^{damaged}: damaged checkpoint; remove it, [a-z ,]+$"
        ):
            use()
    damaged.unlink()
    assert store.restore(model) == Position(1, 1)
    (only,) = store.paths()
    flip_compression(only)
    with pytest.raises(InputError, match="damaged checkpoint; it is the only one"):
        store.last()


def flip_compression(archive) -> None:
    """A zip file whose first entry is compressed in a way that nobody knows."""
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\x01\x02") + 10] ^= 64
    archive.write_bytes(data)
