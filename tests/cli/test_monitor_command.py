"""tfmedgan-monitor on runs in several states; no training is needed for that."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.cli.monitor import curve
from tfmedgan.files import write_json
from tfmedgan.run_directory import RunDirectory
from tfmedgan.run_logs import append_row

COMMAND = [sys.executable, "-c", "from tfmedgan.cli.monitor import main; main()"]


def look(*arguments):
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def run(tmp_path):
    experiment = replace(ARCHITECTURES["dcgan"], epochs=4)
    directory = RunDirectory.create(tmp_path / "run", experiment, {}, {})
    for epoch in (1, 2, 3):
        append_row(
            directory.metrics_csv,
            {"epoch": epoch, "step": 30 * epoch, "d_loss": 1 / epoch, "d_real": 0.999,
             "d_fake_before": 0.001},
        )  # fmt: skip
    return directory


def test_a_running_job_is_shown_with_its_alarm(run):
    done = look(run.path)
    assert done.returncode == 0, done.stderr
    assert "dcgan  epoch 3 of 4  step 90  last sign of life" in done.stdout
    assert "d_loss" in done.stdout and "▁" in done.stdout
    assert "ALARM: Discriminator dominance: from epoch 1" in done.stdout.replace("\n", " ")


def test_a_finished_job_says_so_as_json(run):
    write_json(run.summary_path, {"epochs": 4, "stopped": None})
    state = json.loads(look(run.path, "--json").stdout)
    assert state["state"] == "finished"
    assert state["history"][-1]["d_loss"] == pytest.approx(1 / 3)
    assert list(state["alarms"]) == ["discriminator dominance"]


def test_a_job_without_a_first_epoch_is_starting(tmp_path):
    run = RunDirectory.create(tmp_path / "new", ARCHITECTURES["cgan"], {}, {})
    assert "epoch 0 of 50  step 0  starting" in look(run.path).stdout


def test_what_is_no_run_is_refused(tmp_path):
    done = look(tmp_path / "absent")
    assert done.returncode == 2
    assert done.stderr == f"tfmedgan-monitor: {tmp_path / 'absent'}: no such run directory\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--once", "--every", "5"], "--once and --json look only once; leave out --every"),
        (["--every", "0"], "--every 0: must be above 0"),
        (["--evry", "1"], "No such option"),
    ],
)
def test_options_that_would_mean_nothing_are_refused(run, arguments, message):
    done = look(run.path, *arguments)
    assert done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1


def test_curve_of_equal_values_is_level():
    assert curve([0.999] * 99, 12) == "▁" * 12  # whose means differ in their last bits


def test_curve_spans_the_blocks():
    assert curve([0.0, 1.0]) == "▁█"
    assert curve([3.0]) == "▁"
    assert len(curve(list(range(1000)))) == 40


def test_a_damaged_summary_is_one_line_that_names_it(run):
    run.summary_path.write_text("{")
    done = look(run.path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"tfmedgan-monitor: {run.summary_path}: is no whole JSON")
    assert done.stderr.count("\n") == 1
