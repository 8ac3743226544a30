"""A prepared set is an ordinary TFDS data set, and comes back as it was."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import standard_steps
from tfmedgan.data.tfds_builder import write_tfds
from tfmedgan.errors import InputError


@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_written_sets_come_back(tmp_path, file_format):
    prepared = prepare(DataConfig("phantom:foot:8", standard_steps((16, 16, 3))), 0)
    path = write_tfds(prepared, tmp_path, "feet", file_format)
    assert [file.name for file in tmp_path.iterdir()] == ["feet"]
    assert (path / "split.json").is_file()
    plain = tfds.builder_from_directory(path)
    assert plain.info.splits["train"].num_examples == len(prepared.parts["train"])
    if file_format == "tfrecord":
        image, _ = next(
            iter(tfds.load("feet", data_dir=tmp_path, split="test", as_supervised=True))
        )
        assert image.shape == (16, 16, 3)
    else:
        assert tfds.data_source("feet", data_dir=tmp_path)["test"][0]["image"].shape == (16, 16, 3)
    image_set = open_source(f"tfds:feet:{tmp_path}")
    assert image_set.class_names == ("not infected", "infected")
    assert image_set.card["licence"] == prepared.card["licence"] == "Apache-2.0"
    read = sorted(image_set.read(r).tobytes() for r in image_set.records if r.split == "train")
    assert read == sorted(image.tobytes() for image in prepared.parts["train"].images)
    assert np.bincount([r.label for r in image_set.records]).tolist() == [8, 8]


def test_an_interrupted_set_leaves_nothing(tmp_path):
    def interrupt(done, total, what):
        raise KeyboardInterrupt

    prepared = prepare(DataConfig("phantom:foot:4", standard_steps((8, 8, 3))), 0)
    with pytest.raises(KeyboardInterrupt):
        write_tfds(prepared, tmp_path / "sets", "feet", progress=interrupt)
    assert not list((tmp_path / "sets").iterdir())


def test_wrong_names_and_existing_sets_are_refused(tmp_path):
    prepared = prepare(DataConfig("phantom:foot:4", standard_steps((8, 8, 3))), 0)
    with pytest.raises(InputError, match="--name My Set: must be small letters"):
        write_tfds(prepared, tmp_path, "My Set")
    with pytest.raises(InputError, match="--format zip: valid: tfrecord, array_record"):
        write_tfds(prepared, tmp_path, "feet", "zip")
    (tmp_path / "feet/1.0.0").mkdir(parents=True)
    with pytest.raises(InputError, match="exists already"):
        write_tfds(prepared, tmp_path, "feet")
