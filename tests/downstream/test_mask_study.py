"""A study of masks: it tells good pairs from bad ones, leaks nothing, and goes on."""

import json

import numpy as np
import pytest

from tfmedgan.data.masks import without_mask
from tfmedgan.downstream.config import REAL, PairSource, added, alone, drawn_by_unet
from tfmedgan.downstream.directory import MaskStudyDirectory
from tfmedgan.downstream.material import real_pairs
from tfmedgan.downstream.report import write_report
from tfmedgan.downstream.run import run_study
from tfmedgan.downstream.unet_findings import MaskFindings
from tfmedgan.downstream.unets import MaskTrainings
from tfmedgan.errors import InputError

PERFECT = PairSource("perfect", place="drawn")
SHIFTED = PairSource("shifted", place="drawn", beside_reals=False)
BARE = PairSource(drawn_by_unet("perfect"), place="drawn", beside_reals=False)


@pytest.fixture
def synthesise(other_discs):
    def pairs(study, source, out, seed, count, data):
        images = other_discs(count)
        if source == SHIFTED:
            images[..., -1] = np.roll(images[..., -1], 6, axis=2)
        return without_mask(images) if source == BARE else images

    return pairs


def test_good_pairs_teach_and_shifted_masks_mislead(design, synthesise, tmp_path):
    place = run_study(design(PERFECT, SHIFTED, BARE), tmp_path / "study", synthesise)
    dice = {arm: place.outcome(arm, 0).scores["dice"] for arm in place.study.arms}
    assert dice[alone("perfect")] > 0.7 > 0.5 > dice[alone("shifted")]
    assert dice[alone(BARE.name)] > dice[alone("shifted")] + 0.2
    real, both = place.outcome(REAL, 0), place.outcome(added("perfect"), 0)
    assert (both.n_train, both.synthetic) == (2 * real.n_train, real.n_train)
    for arm in place.study.arms:  # what was kept is what the means are of
        values = place.scores(arm, 0)["dice"]
        assert len(values) == len(place.test["names"]) and values.mean() == pytest.approx(dice[arm])

    findings = write_report(place)
    assert findings.sentences[0].startswith("One seed")
    text = (place.path / "report.md").read_text()
    assert "| synthetic only (perfect, masks by U-Net) |" in text and "Dice" in text
    assert (place.path / "differences.png").is_file()
    assert len((place.path / "results.csv").read_text().splitlines()) == 1 + 3 * 5


def test_what_is_done_is_not_done_again(design, synthesise, tmp_path):
    def stop(*_):
        raise KeyboardInterrupt

    plan, out = design(SHIFTED), tmp_path / "study"
    with pytest.raises(KeyboardInterrupt):
        run_study(plan, out, stop)
    (first,) = out.glob("outcomes/*.json")
    stamp = first.stat().st_mtime_ns
    with pytest.raises(InputError, match="1 trainings are still to be done"):
        MaskFindings(MaskStudyDirectory(out))
    place = run_study(plan, out, synthesise)
    assert first.stat().st_mtime_ns == stamp and place.is_finished(plan)
    assert run_study(plan, out, stop).is_finished(plan)  # asks for nothing
    with pytest.raises(InputError, match="holds another study"):
        run_study(design(PERFECT), out, synthesise)


def test_near_duplicates_of_held_out_images_never_train(design, tmp_path):
    data = real_pairs(design(SHIFTED), tmp_path / "split.json")
    split = json.loads((tmp_path / "split.json").read_text())
    (pair,) = [set(group) for group in split["groups"] if len(group) > 1]
    assert {name.rpartition("/")[2] for name in pair} == {"00.png", "59.png"}
    assert [pair <= set(split[part]) for part in ("train", "validation", "test")].count(True) == 1
    parts = [set(split[part]) for part in ("train", "validation", "test")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 60
    assert [set(arrays.names) for arrays in data.parts.values()] == parts


def test_a_source_that_gives_test_images_is_refused(design, tmp_path):
    def leaking(study, source, out, seed, count, data):
        return data.parts["test"].images[:count]

    with pytest.raises(InputError, match=r"leak: test image .* and training image 0 of perfect"):
        MaskTrainings.begin(design(PERFECT), tmp_path / "study", leaking).arms_of_source(PERFECT, 0)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seeds": 0}, "number of seeds is 0"),
        ({"primary_metric": "auroc"}, "unknown primary metric 'auroc'; valid: dice, iou, hd95"),
        ({"synthetic_ratio": 0.0}, "must be above 0"),
    ],
)
def test_impossible_studies_are_named(design, fields, message):
    with pytest.raises(InputError, match=message):
        design(PERFECT, **fields)


def test_a_source_is_trained_or_is_there(design):
    with pytest.raises(InputError, match="needs an experiment or a place"):
        PairSource("nothing")
    with pytest.raises(InputError, match="names must differ"):
        design(PERFECT, PERFECT)
