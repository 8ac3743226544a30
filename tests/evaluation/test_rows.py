"""Rows: their JSON, their bounds, and the refusal to compare across protocols."""

import json
from dataclasses import replace

import pytest

from tfmedgan.errors import InputError, JobError
from tfmedgan.evaluation.metrics import METRICS, bounds_of, directions, select, title_of
from tfmedgan.evaluation.rows import Protocol, Row, append_rows, check_value, difference, read_rows

PROTOCOL = Protocol(
    n_real=100, n_fake=200, extractor="random", extractor_sha256="ab", features=2048,
    resizer="r", image_size=(32, 32, 3), reference="test part", reference_digest="cd",
    classes=("all",), seed=0,
)  # fmt: skip
ROW = Row("kid_random", 0.5, 0.4, 0.6, PROTOCOL, "run", "how", "note")


def test_json_lines_round_trip(tmp_path):
    path = tmp_path / "rows.jsonl"
    append_rows(path, [ROW])
    append_rows(path, [replace(ROW, value=0.7, low=None, high=None)])
    assert read_rows(path) == [ROW, replace(ROW, value=0.7, low=None, high=None)]
    first = json.loads(path.read_text().splitlines()[0])
    assert {"metric", "value", "low", "high", "protocol", "run"} <= first.keys()


@pytest.mark.parametrize("text", ["{", "[1]", '{"metric": "kid"}', '{"nonsense": 1}'])
def test_damaged_rows_are_refused(tmp_path, text):
    path = tmp_path / "rows.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match=r"rows\.jsonl"):
        read_rows(path)


def test_difference_within_one_protocol():
    other = replace(ROW, value=0.2, protocol=replace(PROTOCOL, seed=7))
    assert difference(ROW, other) == pytest.approx(0.3)


@pytest.mark.parametrize(
    "change",
    [{"n_fake": 10}, {"extractor": "x"}, {"extractor_sha256": "x"}, {"resizer": "x"},
     {"reference_digest": "x"}, {"classes": ("A",)}, {"image_size": (64, 64, 3)}],
)  # fmt: skip
def test_comparison_across_protocols_is_refused(change):
    other = replace(ROW, protocol=replace(PROTOCOL, **change))
    with pytest.raises(InputError, match=f"protocols differ.*{next(iter(change))}"):
        difference(ROW, other)
    with pytest.raises(InputError, match="cannot be compared"):
        difference(ROW, replace(ROW, metric="fid_random"))


def test_values_out_of_range_are_errors():
    # iut2023 prints SSIM 16.444 and PSNR 0.516, the columns swapped
    with pytest.raises(JobError, match=r"ssim came out as 16\.444; possible are values from -1"):
        check_value("ssim", 16.444, bounds_of("ssim"))
    with pytest.raises(JobError, match="kid came out as nan"):
        check_value("kid", float("nan"), bounds_of("kid"))
    assert check_value("psnr", 16.444, bounds_of("psnr")) == 16.444


def test_selection_by_metric_or_estimate():
    assert select(("recall", "kid")) == {"precision_recall": ("recall",), "kid": ("kid",)}
    assert select(("precision_recall",))["precision_recall"] == ("precision", "recall", "f1")
    defaults = select()
    assert next(iter(defaults)) == "kid"
    assert not {"inception_score", "psnr", "ssim", "iut2023_one_vs_all"} & defaults.keys()
    with pytest.raises(InputError, match=r"unknown metric 'fdi'; valid: .*fid"):
        select(("fdi",))


def test_every_estimate_has_bounds_a_direction_and_a_title_of_its_own():
    names = {name for metric in METRICS.values() for name in metric.gives}
    assert all(len(bounds_of(name)) == 2 for name in names)
    assert directions().keys() == names
    assert set(directions().values()) == {"lower", "higher", "closer", "none"}
    assert directions()["fid"] == "lower" and directions()["fid_floor"] == "none"
    assert all(m.titles.keys() <= set(m.gives) for m in METRICS.values())
    assert len({title_of(name) for name in names}) == len(names)


def test_a_metric_that_was_added_needs_no_title():
    assert title_of("fid_infinity") == "FID∞"
    assert title_of("sharpness_fake") == "Sharpness fake"


def test_the_estimate_is_named_without_its_extractor():
    assert ROW.estimate == "kid"
    pixels = replace(PROTOCOL, extractor="pixels")
    assert replace(ROW, metric="ms_ssim_fake", protocol=pixels).estimate == "ms_ssim_fake"
