"""Rows that flatter blurred images come with a sentence that says so."""

from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.evaluation import evaluate
from tfmedgan.evaluation.caution import caution


@pytest.fixture(scope="module")
def rows():
    images = np.random.default_rng(0).integers(0, 255, (2, 20, 32, 32, 1), dtype=np.uint8)
    return evaluate(images[0], images[1], ("coverage", "kid"), "multiscale")


def test_rows_that_flatter_have_it(rows):
    assert caution(rows).startswith("multiscale is an untrained network: FID over floor, recall")


def test_kid_alone_has_none(rows):
    assert caution([row for row in rows if row.estimate == "kid"]) == ""


def test_a_trained_network_has_none(rows):
    trained = [replace(row, protocol=replace(row.protocol, extractor="mine")) for row in rows]
    assert caution(trained) == ""
