"""Inputs that could be read as something else: each is read right, or refused in one line."""

import io
import os
import random
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfmedgan.config import DataConfig
from tfmedgan.data.class_folders import LONGEST, class_name, folder_names
from tfmedgan.data.inspection import inspect
from tfmedgan.data.prepare import opened, prepare
from tfmedgan.data.records import Record
from tfmedgan.data.sources import open_source
from tfmedgan.data.sources.layout import understood
from tfmedgan.data.splits import make_split
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
TURNS = np.arange(12)


def save(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(PIXELS[number % 12]).save(path)
    return root


def refused(source, reason: str, **options) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        open_source(str(source), **options)
    assert "\n" not in str(caught.value)


def notes(source) -> str:
    return " | ".join(open_source(str(source)).card["notes"])


# Names


def test_a_name_that_is_not_utf8_is_refused_by_name(tmp_path):
    save(tmp_path, "a.png", "b.png")
    os.rename(tmp_path / "a.png", os.fsencode(tmp_path) + b"/r\xe9tine.png")
    for read in (open_source, lambda source: prepare(DataConfig(source, ()), 0)):
        with pytest.raises(InputError, match=r"r\\xe9tine\.png: this name is not in UTF-8") as why:
            read(str(tmp_path))
        assert str(why.value).isascii()


def test_other_files_may_have_any_name(tmp_path):
    save(tmp_path, "a.png")
    open(os.fsencode(tmp_path) + b"/r\xe9sum\xe9.txt", "w").close()
    images = open_source(str(tmp_path))
    assert images.card["files_ignored"] == [r"r\xe9sum\xe9.txt"]


def test_arguments_that_are_not_utf8_are_refused(monkeypatch, capsys):
    from tfmedgan.cli import generate

    monkeypatch.setattr(sys, "argv", ["tfmedgan-generate", "run", "--out", "r\udce9tine"])
    with pytest.raises(SystemExit, match=r"^2$"):
        generate.main()
    assert r"argument r\xe9tine: this name is not in UTF-8" in capsys.readouterr().err


def test_a_name_that_breaks_a_line_is_refused_by_name(tmp_path):
    refused(save(tmp_path / "file", "two\nlines.png"), r"two\\nlines\.png.*a control character")
    refused(save(tmp_path / "class", "a\x1b[2J/a.png", "b/b.png"), r"\\x1b\[2J/a\.png.*control")
    with pytest.raises(InputError, match=r"class b\\nc: this name holds a control character"):
        images = np.zeros((2, 8, 8), np.uint8)
        open_source(str(npz(tmp_path / "a.npz", images=images, labels=np.array(["a", "b\nc"]))))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_are_not_waited_for(tmp_path):
    """Nothing ever writes to them: whoever opens one the usual way waits for ever."""
    save(tmp_path, "a.png")
    for name in ("pipe", "pipe.dcm", "grid.png"):
        os.mkfifo(tmp_path / name)
    images = open_source(str(tmp_path))
    assert [record.name for record in images.records] == ["a.png", "grid.png", "pipe.dcm"]
    for record in images.records[1:]:
        with pytest.raises(InputError, match=f"{record.name}: is not a file"):
            images.read(record)


@pytest.mark.parametrize(
    "classes",
    [
        ("<5 mm", ">5 mm"), ("grade 1", "grade_1"), ("COVID", "Covid", "covid"), ("con", "CON.x"),
        (".", "..", "", " ", "a.", "a"), ("train", "masks", "images", "@eaDir", ".hidden"),
        ("é", "e\u0301", "E\u0301"), ("x" * 300, "x" * 301, "ß" * 150), ("100%", "100%25", "%31"),
        ("a/b", "a\\b", "a\nb", "a\0b"), ("正常", "пневмония"), ("K", "\u212a", "k"),
    ],
)  # fmt: skip
def test_distinct_classes_have_distinct_folders(classes):
    check_folders(classes)


def test_folders_of_random_class_names_are_distinct_and_lead_back():
    dice = random.Random(0)
    letters = "aAbB%1. _-/\\:<>éÉe\u0301ßſsK\u212a正\0\n\udce9~"
    for _ in range(2000):
        names = {"".join(dice.choices(letters, k=dice.randint(1, 5))) for _ in range(8)}
        check_folders(tuple(names))


def check_folders(classes: tuple[str, ...]) -> None:
    folders = folder_names(classes)
    assert len({folder.casefold() for folder in folders}) == len(classes)
    for name, folder in zip(classes, folders, strict=True):
        assert len(folder.encode()) <= LONGEST and not set(folder) & set('/\\:*?"<>|\0\n')
        assert folder[0] not in ". " and folder[-1] not in ". "
        assert class_name(folder) == name or "%~" in folder or not name


def test_plain_names_stay_as_they_are():
    names = ("COVID", "Viral Pneumonia", "no DR", "Aug-Positive", "grade_1", "100 mm (left)", "été")
    assert folder_names(names) == names and tuple(map(class_name, names)) == names
    assert class_name("a%20b") == "a%20b" and class_name("50%") == "50%"  # a user's own folders


def test_folders_of_classes_are_read_back(tmp_path):
    classes = ("<5 mm", ">5 mm", "train", "Grade", "grade")
    save(tmp_path, *(f"{folder}/0.png" for folder in folder_names(classes)))
    images = open_source(str(tmp_path))
    assert images.class_names == tuple(sorted(classes)) and not images.card["notes"]


# Layouts


def test_masks_are_left_out_and_said(tmp_path):
    places = [f"{c}/{k}/{i}.png" for c in ("COVID", "Normal") for k in ("images", "masks")
              for i in range(3)]  # fmt: skip
    save(tmp_path / "a", *places)
    assert open_source(str(tmp_path / "a")).counts() == {"COVID": 3, "Normal": 3}
    assert notes(tmp_path / "a").endswith("6 masks left out; tfmedgan-train --masks uses them")
    save(tmp_path / "b", "images/1.png", "labels/1.png", "Ground-Truth/1.png")
    flat = open_source(str(tmp_path / "b"))
    assert flat.class_names == () and [r.name for r in flat.records] == ["images/1.png"]
    save(tmp_path / "c", "benign/x (1).png", "benign/x (1)_mask.png", "benign/x (1)_mask_1.png")
    assert len(open_source(str(tmp_path / "c")).records) == 1
    save(tmp_path / "d", "with_mask/1.png", "without_mask/1.png", "with_mask/a_mask.png")
    assert open_source(str(tmp_path / "d")).counts() == {"with_mask": 2, "without_mask": 1}


@pytest.mark.parametrize(
    ("names", "classes", "parts", "note"),
    [
        ("train/a/1 train/b/1", "a b", "", "train stands alone"),
        ("Train/a/1 val/a/1 TEST/b/1", "a b", "train validation test", ""),
        ("a/train/1 a/test/1 b/train/1", "a b", "train test", ""),
        ("set/train/a/1 set/test/b/1", "a b", "train test", ""),
        ("images/train/a/1 images/test/b/1", "a b", "train test", ""),
        ("train/1 test/1", "", "train test", ""),
        ("images/a/1 images/b/1", "a b", "", ""),
        ("set/a/1 set/b/1", "set", "", "one class, set, with 2 folders in it (set/a, set/b)"),
        ("s/a/1 s/b/1 t/a/1 u/1", "s t u", "", "the 3 folders in them (s/a, s/b, t/a) count as"),
    ],
)
def test_layouts(names, classes, parts, note):
    places, said = understood(Path("set"), [Path(f"{name}.png") for name in names.split()])
    assert {place.group for place in places.values()} == set(classes.split() or [""])
    assert {place.part for place in places.values()} == set(parts.split() or [""])
    assert note in "".join(said) and bool(note) == bool(said)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("train/1 other/1", "train is named as a part of a split, but other stands beside it"),
        ("val/1 valid/1 train/1", "two of the folders train, val, valid mean the same part"),
        ("Covid/1 COVID/1", "'COVID' and 'Covid' differ only in upper and lower case"),
        ("a/1 images/1", "both class folders and loose images such as images/1.png"),
    ],
)
def test_layouts_that_are_refused(names, reason):
    with pytest.raises(InputError, match=reason):
        understood(Path("set"), [Path(f"{name}.png") for name in names.split()])


def test_files_left_out_are_counted_by_kind(tmp_path):
    save(tmp_path, "a/1.png", "b/1.png", "a/@eaDir/1.png", "__MACOSX/a/1.png", ".git/1.png")
    for name in ("a/.DS_Store", "b/Thumbs.db", "a/1.nii", "a/2.nii", "a/readme", "DICOMDIR"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a/photo.dat").write_bytes((tmp_path / "a/1.png").read_bytes())
    (tmp_path / "c").mkdir()
    said = notes(tmp_path)
    for part in ("10 files left out", "2 .nii", "4 system files", "1 hidden", "1 without a suffix",
                 "1 DICOMDIR", "1 PNG named .dat", "no images in c"):  # fmt: skip
        assert part in said, said
    assert open_source(str(tmp_path)).counts() == {"a": 1, "b": 1}
    assert any("10 files left out" in w for w in inspect(open_source(str(tmp_path))).warnings)


@pytest.mark.parametrize("sheet", ["grid.png", "nearest.png", "strip.png", "animation.png"])
def test_the_sheet_beside_generated_images_is_none_of_them(tmp_path, sheet):
    from tfmedgan.synthetic_png import write_png

    save(tmp_path, "000000.png")
    write_png(tmp_path / sheet, PIXELS[0])
    assert [r.name for r in open_source(str(tmp_path)).records] == ["000000.png"]
    assert "1 sheet of generated images" in notes(tmp_path)


def test_dicom_without_a_suffix_is_read(tmp_path):
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file

    header = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    header.save_as(tmp_path / "IM0001", enforce_file_format=True)
    (tmp_path / "notes").write_text("x")
    images = open_source(str(tmp_path))
    assert [(r.name, r.group) for r in images.records] == [("IM0001", header.PatientID)]
    assert images.read(images.records[0]).shape == (128, 128)
    assert "1 file left out: 1 without a suffix" in notes(tmp_path)


def test_one_patient_for_all_is_a_warning():
    records = [Record(f"{i}.dcm", i % 2, i, group="ANONYMOUS") for i in range(60)]
    split = make_split(records, (0.7, 0.15, 0.15), 0)
    assert split.validation == split.test == ()
    assert "no images are held out" in split.warnings[0]
    assert "60 of 60 are of the patient 'ANONYMOUS'" in split.warnings[0]
    assert make_split(records, (1, 0, 0), 0).warnings == ()


# Arrays


def npz(path: Path, **arrays) -> Path:
    np.savez_compressed(path, **({"images": PIXELS} | arrays))
    return path


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"labels": TURNS % 3 * 10**9}, r"3 distinct labels \(0, 1000000000, 2000000000\).*far"),
        ({"labels": TURNS % 2 - 1}, "label -1 is outside"),
        ({"labels": TURNS % 2 / 1}, r"float64 \(12,\); expected one whole number.*astype"),
        ({"labels": TURNS % 2 == 0}, "labels are bool"),
        ({"labels": np.eye(12, dtype=int)}, r"labels.argmax\(axis=1\)"),
        ({"labels": np.int64(1)}, "one whole number per image"),
        ({"labels": np.array([b"a", b"b"])[TURNS % 2]}, r"labels\.astype\(str\)"),
        ({"labels": np.array(["a", " "])[TURNS % 2]}, "a class without a name"),
        ({"labels": TURNS[:5]}, "5 for 12 images"),
        ({"images": PIXELS[:0], "labels": TURNS[:0]}, "no images in it"),
        ({"images": PIXELS[0]}, r"one picture is no set: images\[None\]"),
        ({"images": PIXELS[..., :3]}, "a single colour picture"),
        ({"images": PIXELS / 255}, "float64.*astype"),
        ({"images": PIXELS.astype(np.int64)}, "int64.*astype"),
        ({"images": np.stack([PIXELS] * 3, 1)}, r"images.transpose\(0, 2, 3, 1\)"),
        ({"images": np.stack([PIXELS] * 4, 3)}, r"\(12, 28, 28, 4\); expected"),
        ({"images": np.array([{}], object)}, "holds Python objects"),
        ({"images": PIXELS[:, :0]}, r"\(12, 0, 28\); expected"),
        ({"train_images": PIXELS, "train_labels": TURNS % 2, "test_images": PIXELS},
         "test images without labels"),
    ],
)  # fmt: skip
def test_arrays_that_are_refused(tmp_path, arrays, reason):
    refused(npz(tmp_path / "a.npz", **arrays), reason)


@pytest.mark.parametrize(
    ("labels", "counts", "note"),
    [
        (TURNS % 3 + 1, {"1": 4, "2": 4, "3": 4}, "the labels are 1, 2, 3: 3 classes"),
        ((TURNS % 2 * 255).astype(np.uint8), {"0": 6, "255": 6}, "the labels are 0, 255"),
        (np.array(["<5 mm", ">5 mm"])[TURNS % 2], {"<5 mm": 6, ">5 mm": 6}, ""),
        ((TURNS % 2).astype(">i4")[:, None], {"0": 6, "1": 6}, ""),
    ],
)
def test_labels_that_are_renumbered(tmp_path, labels, counts, note):
    source = npz(tmp_path / "a.npz", labels=labels, images=PIXELS.astype(">u2"))
    images = open_source(str(source))
    assert images.counts() == counts
    assert note in notes(source) and bool(note) == bool(notes(source))
    np.testing.assert_array_equal(images.read(images.records[3]), PIXELS[3])


def test_an_empty_part_is_none_and_other_arrays_are_said(tmp_path):
    source = npz(
        tmp_path / "a.npz", train_images=PIXELS, train_labels=TURNS % 2, val_images=PIXELS[:0],
        val_labels=TURNS[:0], test_masks=PIXELS,
    )  # fmt: skip
    assert {record.split for record in open_source(str(source)).records} == {"train"}
    assert notes(source).endswith("arrays that are not used: images, test_masks")


def test_generated_arrays_have_their_classes(tmp_path):
    source = npz(tmp_path / "a.npz", labels=np.zeros(12, int), classes=np.array(["a", "b"]))
    assert open_source(str(source)).counts() == {"a": 12, "b": 0}


@pytest.mark.parametrize("shape", [(10**9, 28, 28), (10**6, 10**4, 10**5), (5, 5, 5)])
def test_an_array_that_declares_another_size(tmp_path, shape):
    content = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, header)
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", content.getvalue() + bytes(100))
    refused(tmp_path / "a.npz", r"images\.npy declares uint8 \(.* bytes, has 100")


@pytest.mark.parametrize(
    ("count", "labels", "reason"),
    [
        (2**32 - 1, 12, r"declares \(4294967295, 28, 28\), too much for this machine"),
        (10**6, 12, r"declares \(1000000, 28, 28\), has 9408 bytes"),
        (12, 2**32 - 1, r"labels-idx1-ubyte: declares \(4294967295,\)"),
        (0, 0, "no images in it|has more bytes"),
    ],
)
def test_idx_files_that_declare_too_much(tmp_path, count, labels, reason):
    shape = struct.pack(">III", count, 28, 28)
    content = bytes((0, 0, 8, 3)) + shape + PIXELS.tobytes()
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    content = bytes((0, 0, 8, 1)) + struct.pack(">I", labels) + bytes(12)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(content)
    refused(tmp_path, reason)


# Lists

MANIFEST = """
{name: own, title: own, homepage: none, licence: none, redistribution: false, citation: none,
obtain: ask, classes: [{label: "0", name: healthy}, {label: "1", name: ulcer}],
layout: [{csv: labels.csv, name: file, label: grade}]}
"""


def listed(root: Path, text: str, encoding: str = "utf-8") -> str:
    save(root, "a.png", "b.png")
    (root / "labels.csv").write_bytes(text.encode(encoding))
    (root / "own.yaml").write_text(MANIFEST)
    return str(root / "own.yaml")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("file,grade,grade\na,0,1\n", r"labels\.csv: column 'grade' is there twice"),
        ("file;grade\na;0\n", "no column 'file', 'grade'.*separated by semicolons"),
        ("file\tgrade\na\t0\n", "separated by tabs"),
        ("file,grade\na,0.0\n", r"label '0\.0' is none of 0, 1 \(column grade\); write 0"),
        ("file,grade\na,2\n", r"label '2' is none of 0, 1 \(column grade\)$"),
        ("file,grade\na,0,1\n", "line 2: 3 values for 2 columns"),
        ('file,grade\na,0\n"b,1\n', "after line 2: not CSV; look for a quotation mark"),
        ('file,grade\n"a,0\n', "after line 1: not CSV"),
        ("file\na\n", "no column 'grade'; it has: 'file'$"),
        ("", "it has: none"),
    ],
)
def test_lists_that_are_refused(tmp_path, text, reason):
    source = listed(tmp_path, text)
    refused(source, reason)
    refused(source, reason, skip_bad=True, allow_missing=True)  # as `verify` opens it


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_quoted_values_and_a_byte_order_mark(tmp_path, encoding):
    source = listed(tmp_path, '"file","grade"\n"a","0"\nb,"1"\n', encoding)
    assert open_source(source).counts() == {"healthy": 1, "ulcer": 1}
    refused(listed(tmp_path, "file,grade\na,0\n", "utf-16"), "not in UTF-8; save it as")


def test_only_chosen_classes_are_asked_for(tmp_path):
    source = listed(tmp_path, "file,grade\na,0\nb,0\nabsent,1\n")
    refused(source, "listed images are missing, 1 of 3: absent")
    for name in ("healthy", "0"):
        config = DataConfig(source, standard_steps((8, 8, 1)), classes=(name,))
        assert opened(config, 0)[1].counts() == {"healthy": 2}
    refused(source, "missing, 1 of 1", classes=("ulcer",))
    refused(listed(tmp_path, "file,grade\na,0\n"), "no images of ulcer")
