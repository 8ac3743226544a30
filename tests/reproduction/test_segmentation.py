"""The kind of table that trains U-Nets, at scale smoke."""

from dataclasses import replace

import numpy as np
import pytest

from tfmedgan.data import phantoms
from tfmedgan.data.masks import has_mask
from tfmedgan.data.steps import run_steps
from tfmedgan.downstream.config import CLASSICAL, REAL, added, alone, drawn_by_unet
from tfmedgan.papers import PRESETS, TABLES
from tfmedgan.reproduction.report import summaries_of, write_reports
from tfmedgan.reproduction.run import begin, jobs, make_plan, run
from tfmedgan.reproduction.segmentation import mask_study

TABLE = TABLES["skandarani2021/segmentation"]
ARMS = (added("DCGAN"), alone("DCGAN"), alone(drawn_by_unet("DCGAN")))
REPORTED = ("StyleGAN on ACDC", "StyleGAN on SLIVER07")


def drawn_feet(study, source, out, seed, count, data):
    """More feet in place of a generator's, with their wounds where its images have masks."""
    channels = source.experiment.model.image_shape[2]
    pairs = []
    for index in range(count):
        key = ("foot", index % 2, 77, index, 64)
        mask = phantoms.draw_mask(*key) if has_mask(channels) else None
        pairs.append(run_steps(phantoms.draw(*key), study.data.steps, mask))
    return np.stack(pairs)


@pytest.fixture(scope="module")
def measured(tmp_path_factory, network):
    """The study of one generator, with its todo list done."""
    few = replace(
        TABLE, generators=TABLE.generators[:1],
        rows=tuple(r for r in TABLE.rows if r.label in (REAL, CLASSICAL, *ARMS, *REPORTED)),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tfmedgan.reproduction.study.TABLES", {few.key: few})
        patch.setattr("tfmedgan.downstream.synthesis.synthesise_pairs", drawn_feet)
        plan = make_plan("skandarani2021", scale="smoke", seeds=1, features=str(network))
        study, todo = begin(tmp_path_factory.mktemp("study") / "study", plan)
        assert len(todo) == 4 and run(study, todo) == 0
        yield study


def test_every_arm_is_measured_and_what_is_not_trained_says_so(measured):
    results = {(r.row, r.metric): r for r in measured.results.read()}
    for label in (REAL, CLASSICAL, *ARMS):
        values = [results[label, metric].value for metric in ("dice", "iou", "hd95")]
        assert all(value is not None for value in values) and 0 <= values[1] <= values[0] <= 1
    for label in ARMS:
        assert results[label, "kid"].value is not None and results[label, "kid"].protocol
    assert results[REAL, "kid"].note == "real images alone"
    assert all(results[label, "dice"].note.startswith("not trained here") for label in REPORTED)
    assert jobs(measured) == []


def test_the_report_holds_the_papers_point(measured):
    paths = write_reports(measured)
    text = paths["report.md"].read_text()
    (summary,) = summaries_of(measured)
    rows = {comparison.row for comparison in summary.comparisons}
    assert rows == {CLASSICAL, *ARMS}  # nothing is said of what was not trained
    fid = next(line for line in summary.lines if line.label == REPORTED[0]).cells["fid"]
    assert fid.reported.value == 24.74 and fid.note.startswith("not trained here")
    assert "how the masks of generated images were made" in summary.provenance.unstated
    assert any("fuseg" in line for line in summary.provenance.deviations)
    assert (measured.path / "figures" / "skandarani2021-segmentation.png").stat().st_size > 5000
    assert (measured.path / "segmentation" / "segmentation" / "report.html").is_file()
    assert "| StyleGAN on SLIVER07 |" in text and "29.06" in text


def test_small_scale_trains_one_generator_for_all_seeds_on_as_many_images(measured):
    plan = replace(measured.plan, scale="small", source="phantom:foot:80:0")
    study = mask_study(replace(measured, plan=plan), TABLE)
    assert study.generator_seeds == 1 and study.generator_seed(3) == 0
    shown = [
        s.experiment.epochs * s.experiment.model.steps_per_epoch(300, s.experiment.batch_size)
        * s.experiment.model.images_per_step(s.experiment.batch_size)
        for s in study.sources
    ]  # fmt: skip
    assert len(shown) == 10 and all(39_000 < count < 41_000 for count in shown)
    channels = [source.experiment.model.image_shape[2] for source in study.sources]
    assert channels == [4, 3] * 5


def test_losses_are_the_rows_difference():
    dcgan, lsgan, hinge = (PRESETS[f"skandarani2021/{n}"] for n in ("dcgan", "lsgan", "hinge"))
    assert (lsgan.model.loss, hinge.model.loss) == ("least_squares", "hinge")
    for other in (lsgan, hinge):
        same = replace(other.model, loss=dcgan.model.loss)
        assert replace(other, model=same, name=dcgan.name) == dcgan
    assert PRESETS["skandarani2021/wgan-gp"].model.loss == "wasserstein"
    assert "not of the document" in PRESETS["skandarani2021/rgan"].deviations[-1]


@pytest.mark.slow
def test_the_whole_table_at_scale_smoke(tmp_path, network):
    plan = make_plan("skandarani2021", scale="smoke", features=str(network))
    study, todo = begin(tmp_path / "study", plan)
    assert run(study, todo) == 0
    (summary,) = summaries_of(study)
    assert all(line.cells["dice"].mean for line in summary.lines if line.label not in REPORTED)
