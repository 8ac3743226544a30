"""Answers that were changed, cut, doubled or made for another study are refused by name."""

import json

import numpy as np
import pytest

from tests.reader_study.conftest import answer_file, make_study
from tfmedgan.errors import InputError
from tfmedgan.reader_study.answers import checksum, read_answers


@pytest.fixture
def study():
    return make_study()[0]


@pytest.fixture
def good(study, tmp_path):
    return answer_file(tmp_path / "good.json", study, 1, lambda item: (item.origin, 3, 2500))


def changed(path, change, seal=False):
    """A copy of the file with a change; sealed: with the checksum of what it says now."""
    content = json.loads(path.read_text())
    change(content)
    if seal:
        content["checksum"] = checksum(content)
    copy = path.with_name("odd.json")
    copy.write_text(json.dumps(content))
    return copy


def test_answers_stand_in_the_order_of_the_key(study, good, tmp_path):
    wrong = {"real": "synthetic", "synthetic": "real"}
    other = answer_file(tmp_path / "b.json", study, 3, lambda item: (wrong[item.origin], 1, 10))
    responses = read_answers(study, [other, good])
    assert responses.readers == (1, 3) and responses.missing == (2,)
    np.testing.assert_array_equal(responses.correct, [[1.0] * 12, [0.0] * 12])
    assert responses.real.sum() == 6
    assert set(responses.seconds[0]) == {2.5} and set(responses.confidence[1]) == {1}


def flip(content):
    entry = content["answers"][4]
    entry["answer"] = "real" if entry["answer"] == "synthetic" else "synthetic"


@pytest.mark.parametrize(
    "change",
    [
        flip,
        lambda content: content["answers"].pop(),
        lambda content: content["answers"].reverse(),
        lambda content: content.update(reader=2),
        lambda content: content["answers"][0].update(milliseconds=1),
        lambda content: content.update(checksum="0" * 64),
    ],
    ids=["flipped", "cut", "turned", "of another reader", "faster", "checksum"],
)
def test_a_changed_file_is_refused_by_name(study, good, change):
    with pytest.raises(InputError, match=r"odd.json: does not agree with its own checksum"):
        read_answers(study, [changed(good, change)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["answers"].pop(), r"11 of 12 images are answered; reader 1 can go on"),
        (lambda c: c.update(reader=9), "is of reader 9; the study has 3"),
        (lambda c: c["answers"].append(c["answers"][0]), "or one of them twice"),
        (lambda c: c["answers"][0].update(item="0" * 16), "images that the study does not have"),
        (
            lambda c: c["answers"][0].update(answer="maybe"),
            "that the page does not offer",
        ),
        (lambda c: c["answers"][0].update(confidence=6), "that the page does not offer"),
        (lambda c: c["answers"][0].update(milliseconds=-1), "that the page does not offer"),
        (lambda c: c["answers"][0].update(milliseconds=10**30), "that the page does not offer"),
        (lambda c: c["answers"][0].update(answer="\ud800"), "that the page does not offer"),
    ],
)
def test_a_sealed_file_that_no_page_saves_is_refused(study, good, change, message):
    """Whoever can compute a checksum can seal anything; what is impossible is still seen."""
    with pytest.raises(InputError, match=rf"odd.json: .*{message}"):
        read_answers(study, [changed(good, change, seal=True)])


def test_answers_of_another_study_are_refused_by_name(good):
    other = make_study(seed=1)[0]
    with pytest.raises(InputError, match=r"good.json: belongs to another study \(\w{8}, this one"):
        read_answers(other, [good])


def test_two_files_of_one_reader_are_refused_by_name(study, good, tmp_path):
    copy = tmp_path / "copy.json"
    copy.write_text(good.read_text())
    with pytest.raises(InputError, match=r"copy.json: is of reader 1, as is .*good.json"):
        read_answers(study, [good, copy])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"format": 1}', "[" * 100_000, "\ud800", '{"study": "x"}']
)
def test_what_is_no_file_of_answers_is_refused_by_name(study, tmp_path, text):
    path = tmp_path / "strange.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError, match=r"strange.json: is no whole file of answers"):
        read_answers(study, [path])
    with pytest.raises(InputError, match=r"gone.json: cannot be read"):
        read_answers(study, [tmp_path / "gone.json"])


def test_wrong_kinds_of_values_are_refused(study, good):
    def as_text(content):
        content["answers"][0]["confidence"] = "3"

    with pytest.raises(InputError, match="is no whole file of answers"):
        read_answers(study, [changed(good, as_text)])
    with pytest.raises(InputError, match="is no whole file of answers"):
        read_answers(study, [changed(good, lambda c: c.update(comment="x"))])
