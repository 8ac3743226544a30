"""Which samples reports show, and of rows that were made grey how."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tfmedgan.papers import TABLES
from tfmedgan.papers.reported import Table
from tfmedgan.reproduction.sample_strips import is_shown, strips_of
from tfmedgan.reproduction.study import Plan, Result, Study
from tfmedgan.synthetic_png import write_png

TABLE = TABLES["vuw-covid/5"]
STRIP = np.random.default_rng(0).integers(0, 255, (32, 256, 3), dtype=np.uint8)


@dataclass
class Shown:
    """What is read of a `Summary`."""

    table: Table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("real-64x64x3.png", True),
        ("table5-dcgan-5fbabd-seed-0-epoch-500.png", True),
        ("table5-dcgan-5fbabd-seed-1-epoch-500.png", False),
        ("table5-dcgan-5fbabd-seed-10-epoch-500.png", False),
    ],
)
def test_reals_and_the_first_seed_are_shown(name, expected):
    assert is_shown(Path("strips", name)) == expected


def test_rows_that_were_made_grey_are_shown_so(tmp_path):
    study = Study.open(tmp_path / "study", Plan("vuw-covid", (TABLE.key,), "smoke", 2))
    study.sample_strips.mkdir()
    write_png(study.sample_strips / "run-seed-0-epoch-3.png", STRIP)
    first = Result(TABLE.key, "DCGAN", 0, "kid", 0.1, run="run-seed-0", epochs=3)
    study.results.append([first, replace(first, row="DCGAN, made grey")])
    strips = strips_of(study, Shown(TABLE))
    assert (strips["DCGAN"] == STRIP).all()
    grey = strips["DCGAN, made grey"]
    assert (grey == grey[..., :1]).all() and grey.shape == STRIP.shape
