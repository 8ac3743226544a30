"""tfmedgan-train --sites."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import Federation
from tfmedgan.errors import InputError
from tfmedgan.federated import flower
from tfmedgan.recipes import at_sites


def run(*arguments, cwd=None):
    code = "from tfmedgan.cli.train import main; main()"
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rounds", "3"], "without --sites there are no rounds; leave out --rounds"),
        (["--local-steps", "3"], "without --sites there are no rounds; leave out --local-steps"),
        (["--sites", "3", "--validate-every", "2"], "leave out --validate-every"),
        (["--sites", "3", "--rounds", "2", "--kimg", "1"], "exclude each other"),
        (["--sites", "1"], "--sites 1: a federation has two or more"),
        (["--sites", "3", "--local-steps", "0"], "--local-steps 0: must be at least 1"),
    ],
)
def test_what_means_nothing_is_refused(arguments, message, tmp_path):
    done = run("--arch", "cgan", "--classes", "5", *arguments, "--out", "run", cwd=tmp_path)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2 and message in line
    assert not list(tmp_path.iterdir())


def test_without_flower_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "flwr", None)
    monkeypatch.setitem(sys.modules, "flwr.serverapp", None)
    monkeypatch.setattr(sys, "version_info", (3, 12))
    with pytest.raises(InputError, match=r"pip install 'tfmedgan\[federated\]'"):
        flower.require_flower()
    monkeypatch.setattr(sys, "version_info", (3, 10))
    with pytest.raises(InputError, match=r"Python 3\.11 or later"):
        flower.require_flower()


def test_flower_asks_no_network_unless_told_to():
    environment = {"FLWR_TELEMETRY_ENABLED": "1"}
    flower.keep_quiet(environment)
    assert environment["FLWR_TELEMETRY_ENABLED"] == "1"  # the user's own decision
    assert environment["FLWR_DISABLE_UPDATE_CHECK"] == "1"


def test_a_federation_shows_as_many_images_as_training_in_one_place():
    central = replace(ARCHITECTURES["cgan"], batch_size=64, epochs=50)
    images = 640  # ten steps an epoch
    experiment = at_sites(central, Federation("3", local_steps=5), 3, images, None)
    assert experiment.epochs == round(50 * 10 / 15)
    assert at_sites(central, Federation("3"), 3, images, 7).epochs == 7


def test_a_dry_run_tells_of_the_sites(tmp_path):
    pytest.importorskip("flwr", reason="needs the extra federated")
    done = run(
        "--arch", "cgan", "--classes", "5", "--data", "phantom:fundus:12", "--batch-size", "4",
        "--sites", "3", "--rounds", "2", "--local-steps", "4", "--dry-run", "--json",
    )  # fmt: skip
    facts = json.loads(done.stdout)
    assert facts["steps"] == {"per round": 4, "at each site": 8, "in all": 24}
    assert sum(facts["training images at"].values()) == facts["images"]["train"]["all"]
    assert facts["experiment"]["federation"]["local_steps"] == 4
