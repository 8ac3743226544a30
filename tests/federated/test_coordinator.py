"""The rounds, and what they leave; the sites are called directly, without Flower."""

import json

import numpy as np
import pytest

from tfmedgan.errors import Interrupted, JobError
from tfmedgan.federated import runs
from tfmedgan.federated.averaging import Round, checked
from tfmedgan.federated.coordinator import Coordinator
from tfmedgan.federated.site import Site
from tfmedgan.federated.sites import divided, record_of
from tfmedgan.run_directory import RunDirectory, data_record
from tfmedgan.training.callbacks import StopOnRequest
from tfmedgan.training.checkpoints import CheckpointStore


class Direct:
    """A federation in one function call a site."""

    def __init__(self, experiment, data, path, break_at=lambda site, number: ""):
        parts = divided(experiment.federation, experiment.data, data, experiment.seed)
        self.of_reals = runs.mean_similarity(parts, 0, False)
        if not path.exists():
            record = data_record(data) | {"sites": record_of(parts)}
            RunDirectory.create(path, experiment, record, {})
        self.run, self.classes, self.break_at = RunDirectory.open(path), data.class_names, break_at
        self.sites = [
            Site(name, experiment, own.parts["train"], path / "sites" / name)
            for name, own in parts.items()
        ]
        self.stop = StopOnRequest(self.run, CheckpointStore(self.run.checkpoints))
        self.coordinator = Coordinator(self.run, experiment, self.stop)

    def lead(self):
        return self.coordinator.lead(self.round, self.of_reals, self.classes, progress=False)

    def round(self, number, arrays):
        reasons = {site.name: self.break_at(site.name, number) for site in self.sites}
        updates = [s.train(arrays, number) for s in self.sites if not reasons[s.name]]
        found = checked(updates, arrays)
        left_out = {n: r for n, r in reasons.items() if r} | found.left_out
        return Round(found.updates, left_out, 10, 20)


def final_state(path):
    with np.load(sorted((path / "checkpoints").glob("step-*.npz"))[-1]) as file:
        return {key: file[key] for key in file.files}


def assert_same(first, second):
    a, b = final_state(first), final_state(second)
    assert all(np.array_equal(a[key], b[key]) for key in a) and a.keys() == b.keys()
    for name in ("metrics.csv", "rounds.jsonl", "diversity.csv"):
        assert (first / name).read_text() == (second / name).read_text()


@pytest.fixture(scope="module")
def uninterrupted(experiment, data, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "whole"
    assert [row["step"] for row in Direct(experiment, data, path).lead()] == [2, 4, 6]
    return path


def test_the_run_directory_is_that_of_any_run(uninterrupted, data):
    run = RunDirectory.open(uninterrupted)
    names = {"samples/epoch-0003.png", "generator.keras", "metrics.csv", "diversity.csv"}
    assert all((uninterrupted / name).is_file() for name in names)
    assert run.is_finished(3) and run.summary["federation"]["bytes_a_round"] == 30
    sites = run.data["sites"]
    assert sum(s["counts"]["train"]["all"] for s in sites.values()) == len(data.parts["train"])
    assert list(run.rounds()[0]["images"]) == ["site-1", "site-2"]


def test_a_federation_that_goes_on_equals_an_uninterrupted_one(
    experiment, data, uninterrupted, tmp_path
):
    """Stopped while the second of two sites trains in the second round."""
    run = tmp_path / "stopped"
    federation = Direct(experiment, data, run)

    def stop(site, number):
        if number == 2 and site == "site-2":
            federation.stop.requested = True
            return "was asked to stop"
        return ""

    federation.break_at = stop
    with pytest.raises(Interrupted, match=f"stopped in round 2; .*--resume {run}"):
        federation.lead()
    assert RunDirectory.open(run).summary["stopped"] == "on request"
    Direct(experiment, data, run).lead()
    assert_same(uninterrupted, run)


def test_sites_that_fail(experiment, data, uninterrupted, tmp_path):
    """One in the second round, both in the third, none when the federation goes on."""
    run = tmp_path / "lame"

    def fail(site, number):
        return "is on fire" if number == 3 or (site, number) == ("site-2", 2) else ""

    message = r"round 3: no site took part: site-1 is on fire; site-2 is on fire; .*--resume"
    with pytest.raises(JobError, match=message):
        Direct(experiment, data, run, fail).lead()
    assert CheckpointStore(run / "checkpoints").last().epoch == 2
    Direct(experiment, data, run).lead()
    rounds = RunDirectory.open(run).rounds()
    assert [len(row["images"]) for row in rounds] == [2, 1, 2]
    assert rounds[1]["left_out"] == {"site-2": "is on fire"}
    signs = RunDirectory.open(run).summary["alarms"]
    assert signs["site site-2 left out"] == (
        "Site left out: site-2, of 1 of 3 rounds, first of round 2: it is on fire."
    )
    first = json.loads((uninterrupted / "rounds.jsonl").read_text().split("\n")[0])
    assert rounds[0] == first
