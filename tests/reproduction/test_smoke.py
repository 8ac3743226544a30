"""Every table is measured at scale smoke: all cells, shared trainings, one split."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.reproduction.conftest import DOCUMENTS
from tfmedgan.papers import PRESETS
from tfmedgan.reproduction.run import jobs
from tfmedgan.reproduction.stages import stages
from tfmedgan.run_directory import RunDirectory

IMPOSSIBLE = {"inception_score"}  # the tiny features give no probabilities


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_cell_is_measured(finished, document):
    study = finished(document)
    results = {(r.table, r.row, r.seed, r.metric): r for r in study.results.read()}
    for table in study.tables:
        for label in study.labels_of(table):
            for seed in range(study.plan.seeds):
                for metric in table.metrics:
                    result = results.pop((table.key, label, seed, metric))
                    assert (result.value is None) == (metric in IMPOSSIBLE), result
                    assert bool(result.note) or result.value is not None
    assert not results
    assert jobs(study) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_equal_rows_share_a_training(finished, document):
    study = finished(document)
    planned = stages(study, study.tables)
    runs = {path.name for path in study.runs.iterdir()}
    assert runs == {f"{s.run}-seed-{i}" for s in planned for i in range(study.plan.seeds)}
    if document == "vuw-covid":
        shared = next(s for s in planned if s.experiment.name == "vuw-covid/table1-images-1000")
        assert [f"{c.table.name}/{c.row.label}" for c in shared.cells] == [
            "1/1000", "2/0", "3/50", "4/128", "normalisation/not normalised",
        ]  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS)
def test_one_split_for_all_rows_and_seeds(finished, document):
    study = finished(document)
    data = [RunDirectory.open(path).data for path in study.runs.iterdir()]
    assert len({json.dumps(d["split"]["test"]) for d in data}) == 1
    assert len({d["digest"] for d in data}) == 1
    largest = max((set(d["trained_on"]) for d in data), key=len)
    assert all(set(d["trained_on"]) <= largest for d in data)
    assert not largest & set(data[0]["split"]["test"] + data[0]["split"]["validation"])


def test_seeds_differ_in_training_only(finished):
    study = finished("dfu-dcgan")
    runs = [RunDirectory.open(path) for path in sorted(study.runs.iterdir())]
    assert [run.experiment.seed for run in runs] == [0, 1]
    assert runs[0].data == runs[1].data
    assert runs[0].history()[0]["g_loss"] != runs[1].history()[0]["g_loss"]


@pytest.mark.slow
def test_table_3_equals_separate_trainings(finished, tmp_path):
    from tfmedgan.reproduction.material import experiment_of, prepared
    from tfmedgan.training import train

    study = finished("vuw-covid")
    table = next(t for t in study.tables if t.name == "3")
    row = table.rows[2]
    experiment = experiment_of(study, table, row)
    data = prepared(experiment.data)
    separate = train(experiment, tmp_path / "run", data=data, progress=False)
    longest = next(p for p in study.runs.iterdir() if len(RunDirectory.open(p).history()) == 14)
    assert RunDirectory.open(longest).history()[: len(separate)] == separate
    strips = sorted(study.sample_strips.glob(f"{longest.name}-epoch-6.png"))
    kept = _images(strips[0])
    assert np.array_equal(kept, _first_samples(tmp_path / "run", kept.shape[1] // kept.shape[0]))


def _images(path):
    from PIL import Image

    return np.asarray(Image.open(path))


def _first_samples(run, count):
    from tfmedgan.models.sampling import load_generator, sample

    return np.concatenate(list(sample(load_generator(run / "generator.keras"), count, 0)), axis=1)


def test_a_course_is_read_off_the_log(finished):
    study = finished("dfu-dcgan")
    results = [r for r in study.results.read() if r.table == "dfu-dcgan/epochs" and r.seed == 1]
    history = RunDirectory.open(study.runs / results[0].run).history()
    for result in results:
        epoch = int(result.row.removeprefix("epoch "))
        assert result.value == history[epoch][result.metric]


def test_runs_are_of_the_precision_that_suits_the_machine(finished):
    from tfmedgan.reproduction.provenance import changes
    from tfmedgan.training.environment import with_precision

    preset = PRESETS["aims2023/cgan64-mnist"]
    wanted = with_precision(replace(preset, precision="auto")).precision
    runs = [RunDirectory.open(path) for path in finished("aims2023").runs.iterdir()]
    assert {run.experiment.precision for run in runs} == {wanted}
    said = changes([(preset, replace(preset, precision="mixed_bfloat16"))])
    assert said == ["precision: mixed_bfloat16 instead of float32"]


def test_the_floor_is_read_off_the_real_images_alone(finished):
    study = finished("dfu-dcgan")
    floor = [r for r in study.results.read() if r.row == "real against real"]
    of_generator = [r for r in study.results.read() if r.table == "dfu-dcgan/f1" and r.run]
    held_out = {r.protocol["n_real"] for r in of_generator}
    assert {r.protocol["n_real"] + r.protocol["n_fake"] for r in floor} == held_out == {48}
    assert {r.protocol["reference"] for r in of_generator} == {"held-out images"}
    by_seed = {seed: {r.value for r in floor if r.seed == seed} for seed in (0, 1)}
    assert by_seed[0] != by_seed[1]  # other halves


def test_presets_are_not_changed_by_scaling(finished):
    from tfmedgan.reproduction.scaling import scaled

    study = finished("iut2023")
    preset = PRESETS["iut2023/dcgan"]
    small = scaled(preset, study.scale_of(study.tables[0]))
    assert preset.batch_size == 256 and small.batch_size == 16
