"""Where a publisher's split has no validation images, a part of the training images is held out."""

from tfmedgan.data.split_file import Split
from tfmedgan.reproduction.classification import _validated


def test_training_images_are_held_out_in_whole_groups(tmp_path):
    names = tuple(f"{number}.png" for number in range(40))
    groups = tuple(names[i : i + 4] for i in range(0, 40, 4))
    split = Split(train=names, validation=(), test=("t.png",), groups=groups)
    split.write(tmp_path / "whole-1.json")
    found = Split.read(_validated(tmp_path / "whole-1.json"))
    assert len(found.validation) == 8 and found.test == split.test
    assert sorted(found.train + found.validation) == sorted(names)
    assert all(len(set(group) & set(found.validation)) in (0, 4) for group in groups)
    again = Split.read(_validated(tmp_path / "whole-1.json"))
    assert again == found


def test_a_split_with_validation_images_stays_as_it_is(tmp_path):
    Split(train=("a",), validation=("b",), test=("c",)).write(tmp_path / "whole-1.json")
    assert _validated(tmp_path / "whole-1.json") == tmp_path / "whole-1.json"
