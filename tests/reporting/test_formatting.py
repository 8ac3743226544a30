"""How numbers, tables and sources are printed."""

from types import SimpleNamespace

import pytest

from tfmedgan.reporting.formatting import (
    interval,
    number,
    percent,
    public_name,
    readable,
    with_interval,
)


def estimate(value, low=None, high=None):
    return SimpleNamespace(value=value, low=low, high=high)


def test_numbers_are_readable():
    assert [number(x) for x in (960, 1242.4, 0.00213, 0.5161, -3.2e-7, None)] == [
        "960", "1242", "0.00213", "0.5161", "-3.2e-07", "–",
    ]  # fmt: skip
    assert [number(x, 3, "+") for x in (0.12345, -0.5, 1242.4)] == ["+0.123", "-0.5", "+1242"]


def test_intervals_stand_beside_their_value():
    assert with_interval(estimate(2.31, 2.1, 2.52)) == "2.31 (2.1 to 2.52)"
    assert with_interval(estimate(0.2, -0.1, 0.5), sign="+") == "+0.2 (-0.1 to +0.5)"
    assert with_interval(estimate(0.12345), 3) == "0.123"  # one seed has none
    assert with_interval(None) == interval(None, None) == "–"
    assert percent(0.0125) == "1.25 %"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/home/me/photographs/", "photographs"),
        ("manifest:idrid:/home/me/idrid", "manifest:idrid"),
        ("phantom:fundus:30", "phantom:fundus:30"),
        ("tfds:mnist", "tfds:mnist"),
    ],
)
def test_reports_do_not_tell_of_the_users_folders(source, name):
    assert public_name(source) == name


def test_a_name_of_the_code_becomes_a_title():
    assert readable("sharpness_fake") == "Sharpness fake"
