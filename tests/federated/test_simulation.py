"""Flower's simulation engine, in this process."""

import errno
import logging
import os
import signal
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("flwr", reason="needs the extra federated")

from tfmedgan.errors import Diverged, InputError, Interrupted
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


def test_a_full_disk_ends_the_training_and_no_round_is_made_without_a_site(
    experiment, data, tmp_path, monkeypatch
):
    """It would fail the coordinator, too; and the site has done nothing wrong."""
    whole, run = tmp_path / "whole", tmp_path / "run"
    runs.train(experiment, whole, data=data, progress=False)

    def save(self, number, arrays):
        if (self.name, number) == ("site-2", 2):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "sites/02/round-000002.npz")
        return original(self, number, arrays)

    original = Site._save
    with monkeypatch.context() as patch:
        patch.setattr(Site, "_save", save)
        with pytest.raises(OSError, match=r"No space left.*round-000002\.npz"):
            runs.train(experiment, run, data=data, progress=False)
    assert len(RunDirectory.open(run).rounds()) == 1
    runs.resume(run, data=data, progress=False)
    assert (whole / "rounds.jsonl").read_text() == (run / "rounds.jsonl").read_text()
    a, b = final_state(whole), final_state(run)
    assert all(np.array_equal(a[key], b[key]) for key in a)


def test_ctrl_c_is_heeded_while_sites_are_built(experiment, data, tmp_path, monkeypatch):
    def build(self, name, *arguments):
        built.append(name)
        signal.raise_signal(signal.SIGINT)
        original(self, name, *arguments)

    original, built = Site.__init__, []
    monkeypatch.setattr(Site, "__init__", build)
    with pytest.raises(Interrupted, match=r"stopped in round 1; .*--resume"):
        runs.train(experiment, tmp_path / "run", data=data, progress=False)
    assert built == ["site-1"]


def test_a_site_without_a_whole_batch_is_refused(experiment, data, tmp_path):
    with pytest.raises(InputError, match=r"site site-1 has \d training images, fewer than a batch"):
        runs.train(replace(experiment, batch_size=5), tmp_path / "run", data=data, progress=False)
    assert not (tmp_path / "run").exists()
