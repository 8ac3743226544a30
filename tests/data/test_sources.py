"""Sources: what each gives, and one line for what is wrong with it."""

import gzip
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfmedgan.data.manifest_file import find_manifest, packaged
from tfmedgan.data.sources import open_source
from tfmedgan.errors import InputError

MANIFEST = """
name: own
title: own
homepage: none
licence: none
redistribution: false
citation: none
obtain: ask
classes:
  - {label: "0", name: healthy}
  - {label: "1", name: ulcer}
layout:
  - {csv: labels.csv, name: file, label: grade, patient: person, image: "photos/{name}"}
"""


def save(path: Path, value: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), value).save(path)


def own_set(root: Path, rows: str, manifest: str = MANIFEST) -> str:
    """A manifest with a CSV of the rows and two photographs, a.png and b.png."""
    save(root / "photos/a.png"), save(root / "photos/b.png")
    (root / "labels.csv").write_text("file, grade ,person,,\n" + rows)
    (root / "own.yaml").write_text(manifest)
    return str(root / "own.yaml")


def refused(source: str, reason: str, **options) -> str:
    with pytest.raises(InputError, match=reason) as caught:
        open_source(source, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("rows", "manifest", "unknown"),
    [
        ("a,0,p1,,\nb,1,,,\n", MANIFEST, "1 of 2 images name no patient, such as photos/b.png"),
        (
            "a,0,,,\nb,1,,,\n",
            MANIFEST.replace("patient: person, ", "") + "patient_pattern: '(zzz)'\n",
            "2 of 2 images name no patient, such as photos/a.png",
        ),
        ("a,0,p1,,\nb,1,p1,,\n", MANIFEST, ""),
        ("a,0,,,\nb,1,,,\n", MANIFEST.replace("patient: person, ", ""), ""),
    ],
)
def test_images_without_the_patient_whom_a_manifest_promises_are_told(
    tmp_path, rows, manifest, unknown
):
    notes = "; ".join(open_source(own_set(tmp_path, rows, manifest)).card["notes"])
    assert unknown in notes and ("name no patient" in notes) == bool(unknown)


def test_folder_of_classes(tmp_path):
    save(tmp_path / "b/1.png"), save(tmp_path / "a/deep/2.png"), save(tmp_path / "a/.hidden.png")
    (tmp_path / "a/notes.txt").write_text("x")
    image_set = open_source(str(tmp_path))
    assert image_set.class_names == ("a", "b") and image_set.counts() == {"a": 1, "b": 1}
    assert [r.name for r in image_set.records] == ["a/deep/2.png", "b/1.png"]
    assert image_set.card["files_ignored"] == ["a/notes.txt"]


def test_flat_folder_and_publishers_parts(tmp_path):
    save(tmp_path / "train/1.png"), save(tmp_path / "val/2.png"), save(tmp_path / "test/3.png")
    image_set = open_source(str(tmp_path))
    assert image_set.class_names == ()
    assert {r.name: r.split for r in image_set.records} == {
        "train/1.png": "train",
        "val/2.png": "validation",
        "test/3.png": "test",
    }


def test_folder_errors(tmp_path):
    refused(str(tmp_path / "absent"), "does not exist")
    refused(str(tmp_path), "no images in this folder")
    refused("", "no data given")
    save(tmp_path / "a/1.png"), save(tmp_path / "2.png")
    refused(str(tmp_path), r"both class folders and loose images such as 2\.png")


def test_links_that_leave_or_loop_are_refused(tmp_path):
    save(tmp_path / "secret.png"), save(tmp_path / "set/a.png")
    (tmp_path / "set/b.png").symlink_to(tmp_path / "secret.png")
    refused(str(tmp_path / "set"), r"b\.png: leads outside")
    (tmp_path / "set/b.png").unlink()
    (tmp_path / "set/again").symlink_to(tmp_path / "set")
    refused(str(tmp_path / "set"), "again: is a link to a folder")
    (tmp_path / "set/again").unlink()
    (tmp_path / "set/round.png").symlink_to(tmp_path / "set/round.png")
    loop = open_source(str(tmp_path / "set"))
    with pytest.raises(InputError, match=r"round\.png: cannot be read"):
        loop.read(loop.records[1])


def test_csv_with_stray_blanks_and_empty_columns(tmp_path):
    source = own_set(tmp_path, "a, 1 ,p1,,\n b ,0,p2,,\n,,,,\n")
    image_set = open_source(source)
    assert image_set.counts() == {"healthy": 1, "ulcer": 1}
    assert [(r.name, r.label, r.group) for r in image_set.records] == [
        ("photos/a.png", 1, "p1"),
        ("photos/b.png", 0, "p2"),
    ]
    assert image_set.select(("1", "healthy")).counts() == {"ulcer": 1, "healthy": 1}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("a,2,p\nb,0,p\n", r"labels\.csv line 2: label '2' is none of 0, 1"),
        ("a,0,p\na,1,p\n", "line 3: a stands in line 2 too"),
        ("a,,p\nb,0,p\n", "line 2: no value for grade"),
        ("a,0,p\n../../x,1,p\n", "leads outside"),
        ("a,0,p\na.png,1,p\n", r"listed twice: photos/a\.png"),
        ("a,0,p\n", r"no images of ulcer"),
        ("a,0,p\nc,1,p\nd,1,p\n", "missing, 2 of 3: c, d; add them, or go on with --allow-missing"),
        ("x,0,p\n", "no images found; none of the 1 listed is there"),
    ],
)
def test_bad_rows_are_named(tmp_path, rows, reason):
    refused(own_set(tmp_path, rows), reason)


def test_skip_bad_and_allow_missing_go_on(tmp_path):
    source = own_set(tmp_path, "a,7,p\nb,0,p\nc,1,p\n")
    image_set = open_source(source, skip_bad=True, allow_missing=True)
    assert [r.name for r in image_set.records] == ["photos/b.png"]
    assert image_set.card["missing"] == ["photos/c"]
    assert [line for line, _ in image_set.card["skipped"]] == ["labels.csv line 2"]


def test_two_files_for_one_name(tmp_path):
    source = own_set(tmp_path, "a,1,p\nb,0,p\n")
    save(tmp_path / "photos/a.bmp")
    refused(source, r"line 2: two files for one name: a\.bmp, a\.png; remove one")


def test_missing_columns_are_listed(tmp_path):
    source = own_set(tmp_path, "a,1,p\n", MANIFEST.replace("label: grade", "label: stage"))
    refused(source, r"no column 'stage'; it has: 'file', 'grade', 'person'")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: [", "not plain YAML"),
        ("a: &x [1]\nb: *x\n", "aliases are refused"),
        ("!!python/object/apply:os.system ['true']", "not plain YAML"),
        ("- 1\n", "must be a mapping"),
        (MANIFEST + "colour: red\n", "unknown key colour; valid: name, title"),
        (MANIFEST.replace("licence: none\n", ""), "key licence is missing"),
        (MANIFEST.replace("csv: labels.csv", "csv: ../labels.csv"), "leads outside"),
        (MANIFEST.replace("csv: labels.csv", "glob: '*/../../*.png'"), "leads outside"),
        (MANIFEST.replace("csv: labels.csv, ", ""), r"layout\[0\]: must have one of csv, glob"),
        (MANIFEST + "roots: data\n", "roots must be a list, not 'data'"),
        (MANIFEST + "patient_pattern: '[a'\n", "patient_pattern is not a regular expression"),
        (MANIFEST + "patient_pattern: 'abc'\n", "needs a group in parentheses"),
        (MANIFEST.replace("{name}", "{nam}"), r"image is 'photos/\{nam\}'; of places in braces"),
        (MANIFEST + "checksums: {labels.csv: abc}\n", "labels.csv: 'abc' is no SHA-256 of 64"),
        (MANIFEST.replace("redistribution: false", "redistribution: maybe"), "true or false"),
        (MANIFEST.replace('label: "1"', 'label: "0"'), "two classes have the same label"),
        (MANIFEST + "title: other\n", "key title is there twice, see line 14"),
        (MANIFEST.replace("name: ulcer", "name:"), r"classes\[1\]: name must be text, not empty"),
        (MANIFEST.replace("title: own", "title: [a]"), r"title must be text, not \['a'\]"),
    ],
)
def test_manifests_that_are_refused(tmp_path, text, reason):
    refused(own_set(tmp_path, "a,1,p\nb,0,p\n", text), reason)


def test_a_label_is_its_text_whatever_yaml_makes_of_it(tmp_path):
    manifest = MANIFEST.replace('label: "0"', "label: no").replace('label: "1"', "label: 010")
    images = open_source(own_set(tmp_path, "a,no,p,,\nb,010,q,,\n", manifest))
    assert [record.label for record in images.records] == [0, 1]


@pytest.mark.parametrize(
    ("layout", "reason"),
    [
        ("[{arrays: a.npz}, {arrays: b.npz}]", "arrays are a whole layout"),
        ("[{arrays: a.npz, split: train}]", "arrays are a whole layout"),
        ("[{glob: '**.png', label: '0'}]", r"own: layout \*\*\.png: is no pattern of files"),
    ],
)
def test_layouts_that_cannot_be_read_are_refused(tmp_path, layout, reason):
    if sys.version_info >= (3, 13) and "**" in layout:
        pytest.skip("this pattern is one from Python 3.13 on")
    head = MANIFEST.partition("layout:")[0]
    refused(own_set(tmp_path, "", f"{head}layout: {layout}\n"), reason)


def test_a_part_without_images_is_told(tmp_path):
    layout = "[{glob: photos/*, label: '0', split: train}, {glob: tset/*, label: '0', split: test}]"
    manifest = MANIFEST.partition("layout:")[0] + f"layout: {layout}\n"
    images = open_source(own_set(tmp_path, "", manifest), allow_missing=True)
    (note,) = images.card["notes"]
    assert "no image of the test part; none fits tset/*" in note


def test_a_class_is_chosen_once():
    images = open_source("phantom:foot:4")
    with pytest.raises(InputError, match="class infected is named twice; name it once"):
        images.select(("infected", "infected"))


def test_packaged_manifests_are_whole():
    assert packaged().keys() >= {
        "celeba", "covid-xray3", "covid19-radiography", "dfu-part-b", "fuseg", "idrid",
        "isic2020", "mnist",
        "pneumoniamnist", "retinamnist",
    }  # fmt: skip
    for name in packaged():
        manifest = find_manifest(name)
        assert manifest.name == name and manifest.homepage.startswith("http")
        assert manifest.classes == () or len(manifest.classes) > 1
    refused("manifest:nothing", "unknown manifest 'nothing'; valid: celeba")


def test_augmented_copies_belong_to_their_original(tmp_path):
    for task in ("Infection", "Ischaemia"):
        for sign in ("Positive", "Negative"):
            for copy in ("", "_1X", "_2X"):
                save(tmp_path / f"{task}/Aug-{sign}/{task}{sign}7{copy}.jpg")
    image_set = open_source(f"manifest:dfu-part-b:{tmp_path}")
    assert sorted(image_set.counts().values()) == [3, 3, 3, 3]
    assert len({record.group for record in image_set.records}) == 4


def arrays(count: int = 4) -> dict:
    return {"images": np.zeros((count, 5, 5), np.uint8), "labels": np.arange(count) % 2}


def test_npz_in_both_forms(tmp_path):
    np.savez(tmp_path / "a.npz", **arrays())
    assert open_source(str(tmp_path / "a.npz")).counts() == {"0": 2, "1": 2}
    parts = {f"{p}_{k}": v for p in ("train", "val", "test") for k, v in arrays().items()}
    np.savez(tmp_path / "b.npz", **parts)
    image_set = open_source(str(tmp_path / "b.npz"))
    assert [r.split for r in image_set.records[::4]] == ["train", "validation", "test"]
    assert image_set.read(image_set.records[0]).shape == (5, 5)


def test_bad_npz_files_are_named(tmp_path):
    cases = {
        "float images": arrays() | {"images": np.zeros((4, 5, 5))},
        "one whole number per image": arrays() | {"labels": np.zeros((4, 3), int)},
        "3 for 4 images": arrays() | {"labels": np.zeros(3, int)},
        "label -1 is outside": arrays() | {"labels": np.array([0, 1, 1, -1])},
        "no array train_images or images": {"pixels": np.zeros(3)},
        "not a whole npz": {"images": np.array([{}], object), "labels": np.zeros(1, int)},
    }
    for reason, content in cases.items():
        np.savez(tmp_path / "a.npz", **content)
        reason = "are float64" if reason == "float images" else reason
        assert "a.npz" in refused(str(tmp_path / "a.npz"), reason)
    (tmp_path / "a.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:-40])
    refused(str(tmp_path / "a.npz"), "not a whole npz")


def write_idx(path: Path, values: np.ndarray) -> None:
    header = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wb") as file:
        file.write(header + values.astype(np.uint8).tobytes())


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_idx_files(tmp_path, suffix):
    digits = np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2)
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{suffix}", digits)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte{suffix}", np.array([0, 2, 1]))
    image_set = open_source(str(tmp_path))
    assert image_set.class_names == ("0", "1", "2") and len(image_set.records) == 6
    np.testing.assert_array_equal(image_set.read(image_set.records[4]), digits[1])
    images = tmp_path / f"train-images-idx3-ubyte{suffix}"
    images.write_bytes(images.read_bytes()[:-3])
    assert images.name in refused(str(tmp_path), "declares|cannot be read")


def test_phantom_counts():
    assert open_source("phantom:chest:3").counts() == {"normal": 3, "pneumonia": 3}
    refused("phantom:brain", "no phantom 'brain'; valid: chest, foot, fundus")
    refused("phantom:chest:many", "images per class must be a number")
    refused("phantom:chest:3:x", "at most a seed, as in phantom:fundus:200:0")


def test_phantom_with_a_seed_of_its_own():
    def first(source, seed):
        image_set = open_source(source, seed=seed)
        return image_set.read(image_set.records[0])

    assert np.array_equal(first("phantom:chest:3:7", 0), first("phantom:chest:3", 7))
    assert np.array_equal(first("phantom:chest:3:7", 0), first("phantom:chest:3:7", 1))
    assert not np.array_equal(first("phantom:chest:3", 0), first("phantom:chest:3", 1))


def test_tfds_without_the_set_fails_at_once():
    refused("tfds:mnist:absent", "not on this machine")
    refused("tfds:no_such_set", "TFDS has no data set 'no_such_set'")
