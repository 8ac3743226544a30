"""No split separates a patient or the copies of a picture."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tfmedgan.config import DataConfig
from tfmedgan.data.duplicates import THRESHOLD, fingerprint, near_pairs
from tfmedgan.data.phantoms import draw
from tfmedgan.data.prepare import prepare
from tfmedgan.data.records import Record
from tfmedgan.data.split_file import PARTS, Split
from tfmedgan.data.splits import make_split, part_counts
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError

THIRDS = (0.5, 0.25, 0.25)


def picture(index: int, size: int = 160) -> np.ndarray:
    return draw("foot", index % 2, 5, index, size)


def copies(image: np.ndarray) -> dict[str, np.ndarray]:
    """The picture re-encoded, resized, mirrored, turned, and several of these at once."""
    jpeg = cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 50])[1], -1)
    return {
        "same": image,
        "jpeg": jpeg,
        "small": cv2.resize(image, (90, 90), interpolation=cv2.INTER_AREA),
        "large": cv2.resize(image, (250, 230), interpolation=cv2.INTER_CUBIC),
        "mirrored": np.ascontiguousarray(jpeg[:, ::-1]),
        "turned": np.ascontiguousarray(np.rot90(image)),
        "small mirrored": np.ascontiguousarray(cv2.resize(jpeg, (100, 100))[::-1]),
        "brighter": np.clip(image * 1.1 + 5, 0, 255).astype(np.uint8),
    }


def part_of(split: Split) -> dict[str, str]:
    return {name: part for part in PARTS for name in getattr(split, part)}


def test_copies_are_near_and_other_pictures_are_not():
    originals = [picture(index) for index in range(24)]
    images = originals + list(copies(originals[0]).values())
    pairs = near_pairs(np.stack([fingerprint(image) for image in images]))
    family = {0, *range(24, len(images))}
    assert {frozenset((a, b)) for a, b, _ in pairs} == {
        frozenset((a, b)) for a in family for b in family if a < b
    }
    assert all(0 <= bits <= THRESHOLD for _, _, bits in pairs)


def test_blocks_of_comparison_do_not_matter(monkeypatch):
    coefficients = np.stack([fingerprint(picture(i % 7)) for i in range(30)])
    whole = near_pairs(coefficients)
    monkeypatch.setattr("tfmedgan.data.duplicates.CHUNK", 4)
    assert sorted(near_pairs(coefficients)) == sorted(whole) and len(whole) > 30


@pytest.mark.parametrize("seed", range(4))
def test_no_split_separates_a_patient_or_the_copies_of_a_picture(tmp_path, seed):
    rows = ["file,label,person"]
    for index in range(16):
        kind = index % 2
        for name, image in (
            copies(picture(index)).items() if index < 4 else [("same", picture(index))]
        ):
            file = f"{index:02d}-{name.replace(' ', '-')}.png"
            Image.fromarray(image).save(tmp_path / file)
            patient = {10: "p1", 11: "p1", 12: "p1"}.get(index, "")
            rows.append(f"{file},{kind},{patient}")
    (tmp_path / "labels.csv").write_text("\n".join(rows))
    (tmp_path / "set.yaml").write_text(
        "{name: s, title: s, homepage: s, licence: s, redistribution: false, citation: s, "
        "obtain: s, classes: [{label: '0', name: a}, {label: '1', name: b}], layout: "
        "[{csv: labels.csv, name: file, label: label, patient: person}]}"
    )
    config = DataConfig(str(tmp_path / "set.yaml"), standard_steps((16, 16, 3)), fractions=THIRDS)
    prepared = prepare(config, seed)
    where = part_of(prepared.split)
    assert len(where) == len(rows) - 1
    for index in range(16):
        assert len({part for name, part in where.items() if name.startswith(f"{index:02d}")}) == 1
    assert len({where[f"{index}-same.png"] for index in (10, 11, 12)}) == 1
    assert len(prepared.split.groups) == 5 and prepared.split.threshold == THRESHOLD


def records(counts: dict[int, int], split: str = "") -> list[Record]:
    return [
        Record(f"{label}/{index}", label, 0, split=split)
        for label, count in counts.items()
        for index in range(count)
    ]


def test_each_class_is_divided_by_the_fractions():
    listed = records({0: 100, 1: 20, 2: 7})
    split = make_split(listed, (0.70, 0.15, 0.15), seed=0)
    counts = part_counts(listed, split, ("a", "b", "c"))
    assert counts["train"] == {"a": 70, "b": 14, "c": 5}
    assert counts["validation"]["a"] == counts["test"]["a"] == 15
    assert counts["validation"]["b"] == counts["test"]["b"] == 3
    assert make_split(listed, (0.70, 0.15, 0.15), seed=0) == split
    assert make_split(listed, (0.70, 0.15, 0.15), seed=1) != split
    assert make_split(listed, (1, 0, 0), seed=0).test == ()


def test_the_publishers_parts_are_kept_but_cleared_of_copies():
    listed = [
        *records({0: 3}, "train"),
        Record("test/1", 0, 0, split="test"),
        Record("test/2", 1, 0, group="x", split="test"),
        Record("val/3", 1, 0, group="x", split="validation"),
    ]
    split = make_split(listed, (0.7, 0.15, 0.15), 0, pairs=[(1, 3, 4), (2, 4, 9)])
    assert split.train == ("0/0",) and split.validation == () and split.test == ("test/1", "test/2")
    assert {name for name, _ in split.dropped} == {"0/1", "0/2", "val/3"}
    assert "images dropped: 3" in split.warnings[1]
    assert "different labels: 1 pairs, such as 0/2 and test/2" in split.warnings[0]


def test_a_split_is_a_file_that_can_be_reused(tmp_path):
    source = "phantom:foot:12"
    config = DataConfig(source, standard_steps((16, 16, 3)), fractions=THIRDS)
    first = prepare(config, 0)
    first.split.write(tmp_path / "split.json")
    again = prepare(
        DataConfig(source, config.steps, split_file=str(tmp_path / "split.json")), seed=0
    )
    assert again.split == first.split and again.split.digest == first.split.digest
    only = DataConfig(
        source, config.steps, classes=("infected",), split_file=str(tmp_path / "split.json")
    )
    assert set(prepare(only, 0).split.train) < set(first.split.train)


def test_images_that_a_split_file_leaves_out_are_told(tmp_path):
    path, steps = tmp_path / "split.json", standard_steps((16, 16, 3))
    prepare(DataConfig("phantom:foot:12", steps, fractions=THIRDS), 0).split.write(path)
    more = prepare(DataConfig("phantom:foot:14", steps, split_file=str(path)), 0)
    (note,) = more.notes
    assert note.startswith(f"{path}: 4 of 28 images are in none of its parts, such as foot/")


def test_split_files_that_do_not_fit_are_refused(tmp_path):
    split = make_split(records({0: 8}), THIRDS, 0)
    path = tmp_path / "split.json"
    path.write_text(split.to_json().replace("0/1", "0/9"))
    with pytest.raises(InputError, match="changed by hand"):
        Split.read(path)
    path.write_text("[]")
    with pytest.raises(InputError, match=r"split\.json: not a split file"):
        Split.read(path)
    split.write(path)
    config = DataConfig("phantom:foot:4", standard_steps((8, 8, 3)), split_file=str(path))
    with pytest.raises(InputError, match="it is the split of other data"):
        prepare(config, 0)
