"""Subgroups: where their values come from, what is measured, which gaps are named."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tfmedgan.data.columns import column_values
from tfmedgan.errors import InputError
from tfmedgan.evaluation.assessment import assess
from tfmedgan.evaluation.comparison import EvaluatedSet
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.image_scores import IMAGE_SCORES
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.inputs import EvaluationInputs, folder_inputs
from tfmedgan.evaluation.metrics import Sample
from tfmedgan.evaluation.metrics.density_coverage import density_coverage
from tfmedgan.evaluation.metrics.kid import kid
from tfmedgan.evaluation.metrics.precision_recall import precision_recall
from tfmedgan.evaluation.report import write
from tfmedgan.evaluation.subgroups import Grouped, measure

MANIFEST = """
name: clinic
title: t
homepage: none
licence: none
redistribution: true
citation: none
obtain: draw them
classes: []
columns: [sex, site]
layout: [{csv: table.csv, name: file, patient: person, image: "{name}"}]
"""


def _drawn(folder, count=60):
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    for index in range(count):
        image = generator.integers(0, 256, (6, 6), np.uint8).repeat(4, 0).repeat(4, 1)
        Image.fromarray(image).save(folder / f"{index}.png")
    return folder


@pytest.fixture
def clinic(tmp_path):
    """A manifest of 60 images: two sexes, two sites, of which one has five images."""
    folder = _drawn(tmp_path / "clinic")
    rows = [f"{i}.png,{'FM'[i % 2]},{'north' if i < 55 else ''},p{i // 2}" for i in range(60)]
    (folder / "table.csv").write_text("\n".join(["file,sex,site,person", *rows]))
    (folder / "clinic.yaml").write_text(MANIFEST)
    return str(folder / "clinic.yaml")


def test_columns_of_a_manifest(clinic):
    sexes = column_values(clinic, "sex")
    assert len(sexes) == 60 and sexes["0.png"] == "F" and sexes["3.png"] == "M"
    assert len(column_values(clinic, "site")) == 55
    with pytest.raises(InputError, match=r"clinic\.yaml has no column age; it has: sex, site"):
        column_values(clinic, "age")


def test_columns_of_a_folder_with_a_table(tmp_path):
    folder = _drawn(tmp_path / "photographs" / "ulcer", 3).parent
    with pytest.raises(InputError, match=r"it has none; a manifest names them under `columns`"):
        column_values(str(folder), "sex")
    (folder / "labels.csv").write_text("file,label,sex\nulcer/0.png,1,F\n1.png,1,M\n2,1,F\n")
    expected = {"ulcer/0.png": "F", "ulcer/1.png": "M", "ulcer/2.png": "F"}
    assert column_values(str(folder), "sex") == expected
    (folder / "labels.csv").write_bytes(b"\xff\xfe,sex")
    with pytest.raises(InputError, match=r"labels\.csv: not in UTF-8"):
        column_values(str(folder), "sex")


def test_a_column_that_is_not_in_the_table_is_refused(clinic, tmp_path):
    table = tmp_path / "clinic" / "table.csv"
    table.write_text(table.read_text().replace("site", "hospital"))
    with pytest.raises(InputError, match=r"table\.csv: no column 'site'; it has:"):
        column_values(clinic, "sex")


def test_parts_of_images_average_to_the_metrics():
    generator = np.random.default_rng(0)
    real, fake = generator.normal(size=(70, 5)), generator.normal(0.3, 1, (90, 5))
    means = {
        name: function(Sample(features=real), fake, np.arange(70)).mean()
        for name, function in IMAGE_SCORES.items()
    }
    assert means["kid_contribution"] == pytest.approx(kid(real, fake), rel=1e-9)
    assert means["recall"] == precision_recall(real, fake)[1]
    assert means["coverage"] == density_coverage(real, fake)[1]


def _extractor():
    return Extractor("f", "0" * 64, (8, 8), 1, lambda batch: (batch, None))


def _measured(real, fake, values, seed=0):
    pool = array_pool(np.zeros((1, 8, 8, 1), np.uint8).repeat(len(real), 0), "real")
    samples = Sample(features=real, images=pool), Sample(features=fake, images=pool)
    grouped = Grouped("sex", values, np.arange(len(real)), tuple(IMAGE_SCORES))
    return measure(grouped, *samples, _extractor(), EvaluatedSet("run"), seed)


def _unlike(seed, shares=(0.5, 0.5)):
    """Two groups that look different, 150 reals, and 200 images of a generator with `shares`."""
    generator = np.random.default_rng(seed)
    centres = np.zeros((2, 8))
    centres[1, :2] = 3
    of_real = (np.arange(150) % 3 == 0).astype(int)
    of_fake = (generator.random(200) < shares[1]).astype(int)
    real, fake = (centres[g] + generator.normal(size=(len(g), 8)) for g in (of_real, of_fake))
    return real, fake, np.array(["M", "F"])[of_real]


def test_a_group_that_is_left_out_is_found():
    done = _measured(*_unlike(0, (1.0, 0.0)))
    gaps = {gap.estimate: gap for gap in done.gaps}
    assert gaps["recall"].lower == gaps["coverage"].lower == "F"
    assert gaps["kid_contribution"].higher == "F"  # high is bad there
    assert all(gap.named for gap in done.gaps)
    assert done.sentences[0].startswith("Subgroup gap: ")
    assert [row.protocol.classes for row in done.rows[:2]] == [("sex=F",), ("sex=M",)]
    assert [row.protocol.n_real for row in done.rows[:2]] == [50, 100]
    assert {row.protocol.n_fake for row in done.rows} == {200}


def test_without_a_gap_none_is_named_in_19_of_20_studies():
    # the minority looks different and is smaller, but is made as often as it is there
    named = sum(bool(_measured(*_unlike(seed, (2 / 3, 1 / 3)), seed).alarms) for seed in range(20))
    assert named <= 1
    done = _measured(*_unlike(0, (2 / 3, 1 / 3)))
    assert done.alarms == [] and "no gap shown" in done.sentences[0]


def test_few_images_are_refused_by_name():
    real, fake, _ = _unlike(0)
    values = np.array(["F"] * 70 + ["M"] * 73 + ["other"] * 7)
    done = _measured(real, fake, values)
    assert done.refused == ["sex=other: 7 real images are too few; at least 20 are needed."]
    assert done.values == ("F", "M")
    alone = _measured(real, fake, np.array(["F"] * 140 + ["M"] * 10))
    assert "1 with enough images, so there is no gap" in alone.refused[1] and alone.gaps == []


def test_a_folder_by_a_column_of_its_manifest(clinic, network, tmp_path):
    inputs = folder_inputs(str(_drawn(tmp_path / "fake", 40)), clinic)
    done = assess(inputs, ("kid", "recall"), network, copies=False, by="sex")
    assert [row.metric for row in done.trust_rows] == ["kid_contribution_tiny"] * 2 + [
        "recall_tiny"
    ] * 2
    assert done.subgroups.counts == {"F": 30, "M": 30}
    paths = write(done, tmp_path / "out")
    assert '"column": "sex"' in paths["subgroups"].read_text()
    write(replace(done, subgroups=None), tmp_path / "out")
    assert not (tmp_path / "out" / "subgroups.json").exists()
    with pytest.raises(InputError, match="of a group kid, recall, coverage can be measured"):
        assess(inputs, ("fid",), network, copies=False, by="sex")


def test_too_many_values_are_refused(network, tmp_path):
    folder = _drawn(tmp_path / "real", 30)
    rows = [f"{i}.png,{20 + i}" for i in range(30)]
    (folder / "labels.csv").write_text("\n".join(["file,age", *rows]))
    pool = array_pool(
        np.zeros((30, 8, 8, 1), np.uint8), "real", tuple(f"{i}.png" for i in range(30))
    )
    inputs = EvaluationInputs("x", pool, pool, "r", pool, None, provenance={"source": str(folder)})
    with pytest.raises(InputError, match="--by age: 30 values; at most 20 are compared: put bands"):
        assess(inputs, ("kid",), network, copies=False, by="age")
