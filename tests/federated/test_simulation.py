"""Flower's simulation engine, in this process."""

import logging
import os
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("flwr", reason="needs the extra federated")

from tfmedgan.errors import Diverged
from tfmedgan.federated import runs
from tfmedgan.federated.site import Site
from tfmedgan.run_directory import RunDirectory


def final_state(path):
    with np.load(sorted((path / "checkpoints").glob("step-*.npz"))[-1]) as file:
        return {key: file[key] for key in file.files}


def test_killed_and_resumed_it_equals_an_uninterrupted_one_and_is_silent(
    experiment, data, tmp_path, capfd
):
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    runs.train(experiment, whole, data=data, progress=False)
    runs.train(replace(experiment, epochs=1), resumed, data=data, progress=False)
    runs.resume(resumed, rounds=3, data=data, progress=False)
    a, b = final_state(whole), final_state(resumed)
    assert all(np.array_equal(a[key], b[key]) for key in a)
    assert (whole / "rounds.jsonl").read_text() == (resumed / "rounds.jsonl").read_text()
    row = RunDirectory.open(whole).rounds()[0]
    # 3 · 1024 weights and 1024 biases of G, of its average, and 1024 + 1 of D; float32, two sites;
    # every array is a .npy file with a header of 128 bytes.
    assert row["bytes_to_sites"] == 2 * (4 * (2 * 3 * 1024 + 1025) + 6 * 128)
    assert row["bytes_from_sites"] == row["bytes_to_sites"]
    printed = capfd.readouterr()
    assert "flwr" not in printed.err.lower() and "INFO" not in printed.err + printed.out
    assert os.environ["FLWR_TELEMETRY_ENABLED"] == "0"
    assert not logging.getLogger("flwr").isEnabledFor(logging.ERROR)


def test_a_site_that_fails_within_the_engine(experiment, data, tmp_path, monkeypatch):
    def train(self, arrays, number, given_up):
        if self.name == "site-1" and number == 1:
            raise Diverged("its weights are no longer finite")
        if self.name == "site-2" and number == 2:
            raise ZeroDivisionError("a mistake in the program")
        return original(self, arrays, number, given_up)

    original = Site.train
    monkeypatch.setattr(Site, "train", train)
    runs.train(replace(experiment, epochs=2), tmp_path / "run", data=data, progress=False)
    first, second = RunDirectory.open(tmp_path / "run").rounds()
    assert first["left_out"] == {"site-1": "its weights are no longer finite"}
    assert list(second["left_out"]) == ["site-2"] and list(second["images"]) == ["site-1"]
    assert (
        "Zero" not in second["left_out"]["site-2"] and "see the log" in second["left_out"]["site-2"]
    )
