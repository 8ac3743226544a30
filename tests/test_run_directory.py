"""Each command opens the runs that it can use, and says of others whose they are."""

from dataclasses import replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.classifiers.run import ClassifierRun
from tfmedgan.config import DataConfig
from tfmedgan.errors import InputError
from tfmedgan.run_directory import KINDS, RunDirectory, TrainingDirectory
from tfmedgan.segmentation.config import SegmentationExperiment, UNetConfig
from tfmedgan.segmentation.run import SegmentationRun

DATA = DataConfig("phantom:foot:20")
EXPERIMENTS = {
    RunDirectory: ARCHITECTURES["cgan"],
    ClassifierRun: CLASSIFIERS["small-cnn"],
    SegmentationRun: SegmentationExperiment(replace(DATA, masks=True), UNetConfig()),
}


@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_a_run_of_another_kind_is_named(kind, tmp_path):
    place = tmp_path / "run"
    kind.create(place, EXPERIMENTS[kind], {}, {})
    assert kind.open(place).experiment == EXPERIMENTS[kind]
    assert TrainingDirectory.open(place).path == place
    whose, command = KINDS[kind.kind]
    for other in set(EXPERIMENTS) - {kind}:
        wanted = KINDS[other.kind][0]
        with pytest.raises(InputError) as caught:
            other.open(place)
        told = f"{place}: is the run of {whose} ({command}); give the run of {wanted}"
        assert str(caught.value) == told


@pytest.mark.parametrize("content", ["[1]", '{"type": []}'])
def test_damage_is_told_where_it_is_read(content, tmp_path):
    place = tmp_path / "run"
    RunDirectory.create(place, EXPERIMENTS[RunDirectory], {}, {})
    (place / "config.json").write_text(content)
    run = RunDirectory.open(place)
    with pytest.raises(InputError, match=r"config\.json"):
        _ = run.experiment
