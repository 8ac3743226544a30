"""Which image is whose, without Flower and TensorFlow."""

from collections import Counter
from dataclasses import replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import Federation
from tfmedgan.data.prepare import prepare
from tfmedgan.data.records import Record
from tfmedgan.data.split_file import Split
from tfmedgan.errors import InputError
from tfmedgan.federated.sites import dealt, divided, record_of, require_one_site_each

SPLIT = Split(
    train=tuple("abcdefgh"),
    validation=("i",),
    test=tuple("jk"),
    groups=(("a", "b", "c"), ("j", "k")),
)


def test_patients_are_dealt_out_whole_and_as_even_as_they_can_be():
    site_of = dealt(SPLIT, 3, seed=0)
    assert site_of["a"] == site_of["b"] == site_of["c"] and site_of["j"] == site_of["k"]
    # Eight images: the group of three fills one site, the other five go 3 and 2.
    assert sorted(Counter(site_of[name] for name in SPLIT.train).values()) == [2, 3, 3]
    assert set(site_of) == {*"abcdefghijk"}
    assert dealt(SPLIT, 3, seed=0) == site_of
    assert any(dealt(SPLIT, 3, seed=seed) != site_of for seed in range(1, 5))


def test_a_patient_at_two_sites_is_refused_by_name():
    records = [Record("x.png", 0, None, "P7"), Record("y.png", 0, None, "P7")]
    with pytest.raises(
        InputError, match=r"patient P7 is at two sites: x\.png at A and y\.png at B"
    ):
        require_one_site_each(records, {"x.png": "A", "y.png": "B"}, "--sites hospital")
    require_one_site_each(records, {"x.png": "A", "y.png": "A"}, "--sites hospital")


@pytest.mark.parametrize("sites", ["0", "1", " ", "-2", "+3"])
def test_numbers_that_are_no_federation(sites):
    with pytest.raises(InputError, match="--sites"):
        Federation(sites)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve images of one class, all different, and a table of whose they are."""
    import numpy as np
    from PIL import Image

    path = tmp_path_factory.mktemp("images")
    for index in range(12):
        pixels = np.random.default_rng(index).integers(0, 255, (32, 32), np.uint8)
        Image.fromarray(pixels).save(path / f"{index:02d}.png")
    return path


def prepared(folder, rows):
    (folder / "labels.csv").write_text("image,hospital\n" + "".join(f"{r}\n" for r in rows))
    base = ARCHITECTURES["cgan"].data
    config = replace(base, source=str(folder), fractions=(1.0, 0.0, 0.0))
    return config, prepare(config, 0)


def test_a_column_says_whose_an_image_is(folder):
    rows = [f"{i:02d}.png,{'north' if i < 8 else 'south'}" for i in range(12)]
    config, data = prepared(folder, rows)
    sites = divided(Federation("hospital"), config, data, 0)
    assert {name: len(own.parts["train"]) for name, own in sites.items()} == {
        "north": 8, "south": 4,
    }  # fmt: skip
    north = sites["north"].parts["train"]
    whole = data.parts["train"]
    for image, name in zip(north.images, north.names, strict=True):
        assert (image == whole.images[whole.names.index(name)]).all()
    record = record_of(sites)["south"]
    assert record["counts"]["train"]["all"] == 4
    assert record["images"]["train"] == [f"{i:02d}.png" for i in range(8, 12)]


@pytest.mark.parametrize(
    ("rows", "sites", "message"),
    [
        (["00.png,north"], "hospital", "11 images have no site, such as 01.png, 02.png, 03.png"),
        ([f"{i:02d}.png,north" for i in range(12)], "hospital", "all images are at one site"),
        ([f"{i:02d}.png,north" for i in range(12)], "clinic", "no column clinic; it has: hospital"),
    ],
)
def test_what_a_column_cannot_be(folder, rows, sites, message):
    config, data = prepared(folder, rows)
    with pytest.raises(InputError, match=message):
        divided(Federation(sites), config, data, 0)


def test_one_site_alone_has_its_own_images(folder):
    rows = [f"{i:02d}.png,{'north' if i < 8 else 'south'}" for i in range(12)]
    config, data = prepared(folder, rows)
    (name,) = divided(Federation("hospital", only="south"), config, data, 0)
    assert name == "south"
    with pytest.raises(InputError, match="no site east; there are: north, south"):
        divided(Federation("hospital", only="east"), config, data, 0)
