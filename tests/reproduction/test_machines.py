"""A report names every machine that trained for a table, with the number of its trainings."""

import json

import pytest

from tfmedgan.reproduction.machines import UNKNOWN, machines
from tfmedgan.reproduction.study import Plan, Result, Study

MACHINE = {
    "processor": "A", "processors": 2, "gpus": [], "python": "3.11", "tensorflow": "2.21",
    "keras": "3", "numpy": "2", "tfmedgan": "0.1.0",
}  # fmt: skip
RUNS = {"one": MACHINE, "two": MACHINE, "three": {**MACHINE, "gpus": ["a card"]}}


@pytest.fixture
def study(tmp_path):
    study = Study.open(tmp_path / "study", Plan("vuw-covid", (), "smoke", 2))
    for number, (run, machine) in enumerate(RUNS.items()):
        place = study.runs / run
        place.mkdir(parents=True)
        (place / "environment.json").write_text(json.dumps(machine))
        table = "vuw-covid/4" if run == "one" else "vuw-covid/5"
        study.results.append([Result(table, run, number, "kid", 0.5, run=run)])
    return study


def test_one_machine_is_named_alone(study):
    line = machines(study, "vuw-covid/4")
    assert line.startswith("processor A, cores 2, GPU none, Python 3.11, tensorflow 2.21")
    assert "trainings" not in line


def test_of_several_each_has_its_number(study):
    assert machines(study).count("; ") == 1
    assert "GPU none" in machines(study) and "(2 of 3 trainings)" in machines(study)
    assert "GPU a card" in machines(study, "vuw-covid/5")
    assert machines(study, "vuw-covid/5").count("(1 of 2 trainings)") == 2


def test_without_trainings_the_last_call_stands_for_them(study):
    assert machines(study, "vuw-covid/1") == UNKNOWN
    (study.path / "environment.json").write_text(json.dumps({**MACHINE, "processor": "B"}))
    assert machines(study, "vuw-covid/1").startswith("processor B")
