"""A CSV file of paths and labels as a data set of its own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfmedgan.data.columns import column_values
from tfmedgan.data.sources import open_source
from tfmedgan.errors import InputError


def table(folder: Path, text: str, name: str = "labels.csv") -> str:
    """The CSV file, and photographs a.png and b.png below it."""
    for number, letter in enumerate("ab"):
        path = folder / f"photos/{letter}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("L", (4, 4), 100 * number).save(path)
    (folder / name).write_text(text)
    return str(folder / name)


def test_paths_labels_and_patients(tmp_path):
    source = table(tmp_path, "image,label,patient\nphotos/a.png,10,Ann\nphotos/b,9,Bob\n")
    images = open_source(source)
    assert images.class_names == ("9", "10")
    assert [(r.name, r.label, r.group) for r in images.records] == [
        ("photos/a.png", 1, "Ann"),
        ("photos/b.png", 0, "Bob"),
    ]
    assert images.read(images.records[1]).max() == 100
    assert images.card["title"] == "labels.csv"
    assert "licence" not in images.card


def test_columns_in_other_letters_and_columns_that_are_not_used(tmp_path):
    source = table(
        tmp_path, "Age,Image,LABEL\n61,photos/a.png,ill\n58,photos/b.png,well\n", "LABELS.CSV"
    )
    images = open_source(source)
    assert images.class_names == ("ill", "well")
    assert images.card["notes"] == (f"{source}: columns used: Image, LABEL; not used: Age",)


def test_other_columns_are_there_for_subgroups(tmp_path):
    source = table(tmp_path, "image,label,sex\nphotos/a.png,ill,f\nphotos/b.png,well,\n")
    assert column_values(source, "sex") == {"photos/a.png": "f"}
    with pytest.raises(InputError, match=r"no column age; it has: sex"):
        column_values(source, "age")


def test_two_columns_of_one_name_do_not_matter_unless_they_are_used(tmp_path):
    images = open_source(table(tmp_path, "image,note,note\nphotos/a.png,x,y\nphotos/b.png,,\n"))
    assert len(images.records) == 2 and images.records[0].columns == ()


def test_parts_and_masks(tmp_path):
    text = "image,mask,part\nphotos/a.png,photos/a_mask.png,train\nphotos/b.png,,test\n"
    source = table(tmp_path, text)
    mask = np.eye(4, dtype=np.uint8) * 255
    Image.fromarray(mask).save(tmp_path / "photos/a_mask.png")
    images = open_source(source)
    assert images.class_names == ()
    assert [record.split for record in images.records] == ["train", "test"]
    np.testing.assert_array_equal(images.read_pair(images.records[0])[1].squeeze() > 0, mask > 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("path,label\nphotos/a.png,1\n", "no column 'image'; it has: 'path', 'label'; rename"),
        ("", "no column 'image'; it has: none"),
        ("image;label\nphotos/a.png;1\n", "separated by semicolons, save it with commas"),
        ("image,label\nphotos/a.png,\n", "line 2: no value for label"),
        ("image,label,Label\nphotos/a.png,1,2\n", "'label' and 'Label' are one column; rename one"),
        ("image,label\nphotos/a.png,1\nphotos/c.png,1\n", "missing, 1 of 2: c.png; add them, or"),
        ("image,label\n../a.png,1\n", "leads outside"),
        ("image,label\n", "no images found"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path, text, reason):
    with pytest.raises(InputError, match=reason) as caught:
        open_source(table(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_an_absent_file(tmp_path):
    with pytest.raises(InputError, match=r"file .*none\.csv does not exist"):
        open_source(str(tmp_path / "none.csv"))
