"""The real data sets: read in place, checked against what their publishers say."""

import csv

import numpy as np
import pytest

from tfmedgan.config import DataConfig
from tfmedgan.data.chains import CHAINS
from tfmedgan.data.duplicates import fingerprint, near_pairs
from tfmedgan.data.inspection import inspect
from tfmedgan.data.pipeline import stream
from tfmedgan.data.prepare import prepare
from tfmedgan.data.sources import open_source
from tfmedgan.data.sources.manifested import locate
from tfmedgan.data.split_file import PARTS
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError

pytestmark = pytest.mark.realdata


def test_idrid_counts_and_names_what_is_missing(real_data):
    source = f"manifest:idrid:{real_data / 'idrid'}"
    with pytest.raises(
        InputError, match="38 of 413 train and 23 of 103 test: IDRiD_021, IDRiD_036"
    ):
        open_source(source)
    image_set = open_source(source, allow_missing=True)
    assert list(image_set.counts().values()) == [118, 23, 164, 90, 60]
    assert len(image_set.card["missing"]) == 61
    inner = open_source(f"{source}/B. Disease Grading", allow_missing=True)
    assert inner.records == image_set.records


def test_idrid_trains_on_the_publishers_part_without_the_copy_of_a_test_image(real_data):
    config = DataConfig(
        f"manifest:idrid:{real_data / 'idrid'}", CHAINS["iut2023/cgan"], allow_missing=True
    )
    prepared = prepare(config, 0)
    assert {part: len(arrays) for part, arrays in prepared.parts.items()} == {
        "train": 374, "validation": 0, "test": 80,
    }  # fmt: skip
    ((name, _),) = prepared.split.dropped
    assert name.endswith("a. Training Set/IDRiD_118.jpg")  # equals IDRiD_064 of the test part
    images, labels = next(stream(prepared.parts["train"], config.steps, 64, 0).as_numpy_iterator())
    assert images.shape == (64, 32, 32, 3) and images.min() == -1 and labels.max() == 4


def test_fuseg_duplicates_are_found_and_never_on_both_sides(real_data):
    source = f"manifest:fuseg:{real_data / 'fuseg'}"
    with open(real_data / "fuseg/labels.csv", newline="") as file:
        known = [
            frozenset((f"images/{row['filename']}", f"images/{row['duplicate_of']}"))
            for row in csv.DictReader(file)
            if row["duplicate_of"]
        ]
    inspection = inspect(open_source(source))
    pairs = {frozenset(pair[:2]) for pair in inspection.pairs}
    assert len(known) == 32 and set(known) <= pairs

    prepared = prepare(DataConfig(source, standard_steps((32, 32, 3))), 0)
    where = {name: part for part in PARTS for name in getattr(prepared.split, part)}
    assert not [pair for pair in pairs if len({where[n] for n in pair if n in where}) > 1]
    assert len(prepared.parts["test"]) == 200


def test_fuseg_has_masks_for_all_but_the_test_images(real_data):
    source = f"manifest:fuseg:{real_data / 'fuseg'}"
    masks = inspect(open_source(source)).masks
    assert (masks.count, masks.bare_parts, len(masks.empty)) == (1010, {"test": 200}, 24)
    assert not (masks.lacking or masks.alone or masks.unclear or masks.shared)
    pairs = prepare(DataConfig(source, standard_steps((32, 32, 4)), masks=True), 0)
    assert [arrays.images.shape for arrays in pairs.parts.values()] == [
        (803, 32, 32, 4), (200, 32, 32, 4), (0, 32, 32, 4),
    ]  # fmt: skip
    assert "200 images of test have no masks and are left out" in pairs.notes[0]


def test_xrays_split_keeps_patients_and_near_duplicates_together(real_data):
    source = f"manifest:covid-xray3:{real_data / 'covid_xray3'}"
    prepared = prepare(DataConfig(source, CHAINS["vuw-covid/64"]), 0)
    image_set = open_source(source)
    where = {name: part for part in PARTS for name in getattr(prepared.split, part)}
    patients = {}
    for record in image_set.records:
        patients.setdefault(record.group or record.name, set()).add(where[record.name])
    assert len(image_set.records) == 1124 and all(len(parts) == 1 for parts in patients.values())
    hashes = np.stack([fingerprint(image_set.read(record)) for record in image_set.records])
    pairs = near_pairs(hashes)
    assert len(pairs) == 2
    assert all(
        where[image_set.records[a].name] == where[image_set.records[b].name] for a, b, _ in pairs
    )
    assert 780 <= len(prepared.parts["train"]) <= 793


@pytest.mark.parametrize(
    ("name", "train", "test", "shape"),
    [("mnist", 9900, 10000, (28, 28, 1)), ("pneumoniamnist", 3840, 624, (28, 28, 1))],
)
def test_arrays_prepare_and_stream(real_data, name, train, test, shape):
    source = f"manifest:{name}:{real_data / name}"
    prepared = prepare(DataConfig(source, standard_steps(shape)), 0)
    assert train <= len(prepared.parts["train"]) and len(prepared.parts["test"]) == test
    images, _ = next(
        stream(prepared.parts["train"], standard_steps(shape), 32, 0).as_numpy_iterator()
    )
    assert images.shape == (32, *shape) and images.min() == -1
    manifest, root = locate(source)
    assert manifest.name == name and root.is_dir()
