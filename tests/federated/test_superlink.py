"""Flower's SuperLink and three SuperNodes, each a process of its own, on 127.0.0.1.

One of the three is killed after the first round. About two minutes of two free cores: Flower
starts a process, with TensorFlow in it, for every message.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("flwr", reason="needs the extra federated")

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import Federation
from tfmedgan.data.steps import adapted
from tfmedgan.errors import InputError, JobError
from tfmedgan.federated.deployment import SuperLink, train
from tfmedgan.federated.flower import keep_quiet
from tfmedgan.run_directory import RunDirectory

SHAPE = (32, 32, 1)


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return place.getsockname()[1]


class Machines:
    """Flower's processes, each with a home of its own; all end with the test."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.processes: dict[str, subprocess.Popen] = {}
        beside = Path(sys.executable).parent
        self.environment = dict(os.environ, PATH=f"{beside}:{os.environ['PATH']}")
        keep_quiet(self.environment)

    def start(self, name, *command):
        home = self.folder / f"home-{name}"
        home.mkdir()
        with open(self.folder / f"{name}.log", "w") as log:
            self.processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True,
                env=self.environment | {"FLWR_HOME": str(home)},
            )  # fmt: skip

    def start_superlink(self):
        place = ("--host", "127.0.0.1", "--port", str(self.port))
        self.start("superlink", "flower-superlink", "--insecure", *place)
        for _ in range(600):
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        pytest.fail((self.folder / "superlink.log").read_text()[-2000:])

    def start_site(self, name, source):
        config = f'site="{name}" data="{source}" folder="{self.folder / name}"'
        self.start(
            name, "flower-supernode", "--insecure", "--superlink", f"127.0.0.1:{self.port}",
            "--host", "127.0.0.1", "--port", str(free_port()), "--node-config", config,
        )  # fmt: skip

    def kill(self, name):
        os.killpg(self.processes.pop(name).pid, signal.SIGKILL)


@pytest.fixture
def machines(tmp_path):
    machines = Machines(tmp_path)
    yield machines
    for name in list(machines.processes):
        machines.kill(name)


@pytest.fixture
def experiment():
    base = ARCHITECTURES["rgan"]
    return replace(
        base,
        data=replace(base.data, steps=adapted(base.data.steps, SHAPE)),
        model=replace(base.model, image_shape=SHAPE, latent_dim=4, ngf=2, ndf=2),
        augment=None,
        batch_size=4,
        epochs=2,
        federation=Federation("3", local_steps=2),
    )


@pytest.mark.slow
def test_three_sites_of_which_one_is_killed(machines, experiment, tmp_path):
    machines.start_superlink()
    for number, name in enumerate(("north", "south", "west")):
        machines.start_site(name, f"phantom:chest:12:{number}")
    said = []

    def say(line):
        said.append(line)
        if len(said) == 1:
            machines.kill("west")

    path = tmp_path / "run"
    history = train(experiment, path, SuperLink(f"127.0.0.1:{machines.port}"), say)
    run = RunDirectory.open(path)
    first, second = run.rounds()
    assert [row["step"] for row in history] == [2, 4] and run.is_finished(2)
    assert sorted(first["images"]) == ["north", "south", "west"] and not first["left_out"]
    assert sorted(second["images"]) == ["north", "south"] and list(second["left_out"]) == ["west"]
    assert "west left out" in said[1]
    assert run.summary["federation"]["bytes_a_round"] > 0
    assert (path / "generator.keras").is_file() and (path / "samples/epoch-0002.png").is_file()
    # The images stay: the coordinator knows how many there are, and no name of one.
    assert run.data["sites"]["south"]["counts"]["train"]["all"] == first["images"]["south"]
    assert "phantom" not in json.dumps(run.data) and run.data["trained_on"] == []
    assert (tmp_path / "south" / "split.json").is_file()
    assert len(list((tmp_path / "south" / "rounds").glob("round-*.npz"))) == 2


def test_nobody_there_is_one_line(experiment, tmp_path):
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(JobError, match="cannot be reached") as error:
        train(experiment, tmp_path / "run", SuperLink(address), print)
    assert "\n" not in str(error.value) and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("address", "certificate", "message"),
    [
        ("127.0.0.1", "", "must be host:port"),
        ("127.0.0.1:0", "", "must be host:port"),
        ("hospital.example:8000", "", "without TLS only this machine; give --certificate"),
        ("10.0.0.7:8000", "absent.pem", "--certificate absent.pem: no such file"),
    ],
)
def test_addresses_that_are_refused(address, certificate, message):
    with pytest.raises(InputError, match=message):
        SuperLink(address, certificate)
    here = SuperLink("[::1]:8000")
    assert here.connection.endswith("insecure = true\n")
    assert here.options == "--superlink [::1]:8000"
