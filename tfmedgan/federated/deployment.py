"""A federation over a SuperLink: the run directory here, and a Flower app that is handed over."""

import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tfmedgan.config import Experiment
from tfmedgan.errors import InputError, Interrupted, JobError, require
from tfmedgan.federated.flower import keep_quiet, require_flower
from tfmedgan.files import write_text
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training.continuing import require_whole
from tfmedgan.training.environment import describe, with_precision

RECORD = {"strategy": "federated, over a SuperLink", "workers": 1, "replicas": 1}
WAIT = 1.0  # seconds between looks at the run
APP = """[project]
name = "tfmedgan-federated"
version = "1.0.0"
description = "Federated averaging of a generator and its discriminator"
license = "Apache-2.0"

[tool.flwr.app]
publisher = "tfmedgan"

[tool.flwr.app.components]
serverapp = "federation:server"
clientapp = "federation:client"

[tool.flwr.app.config]
run = ""
"""
# Flower looks for the two names in the text, where an import is none.
MODULE = """from tfmedgan.federated import app

server = app.server
client = app.client
"""
Said = Callable[[str], None]


@dataclass(frozen=True)
class SuperLink:
    """Where a SuperLink listens, and what proves that it is the one."""

    address: str  # host:port
    certificate: str = ""  # file of the authority that signed for it; empty: no TLS

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        require(
            host and port.isdecimal() and 0 < int(port) < 2**16,
            f"--superlink {self.address}: must be host:port, for example 127.0.0.1:8000",
        )
        require(
            self.certificate or _is_here(host),
            f"--superlink {self.address}: without TLS only this machine; give --certificate FILE, "
            "that of the authority which signed for the SuperLink",
        )
        require(
            not self.certificate or Path(self.certificate).is_file(),
            f"--certificate {self.certificate}: no such file",
        )

    def require_reachable(self) -> None:
        """Raise `JobError` unless something listens there."""
        host, _, port = self.address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
        except OSError as error:
            reason = error.strerror or "no answer"
            raise JobError(
                f"--superlink {self.address}: cannot be reached: {reason}; is flower-superlink "
                "running there?"
            ) from None

    @property
    def options(self) -> str:
        """As the command takes them."""
        certificate = f" --certificate {self.certificate}" if self.certificate else ""
        return f"--superlink {self.address}{certificate}"

    @property
    def connection(self) -> str:
        """A connection of Flower's configuration file."""
        lines = ["[superlink]", 'default = "here"', "", "[superlink.here]"]
        lines.append(f"address = {json.dumps(self.address)}")
        proof = json.dumps(str(Path(self.certificate).absolute()))
        lines.append(f"root-certificates = {proof}" if self.certificate else "insecure = true")
        return "\n".join(lines) + "\n"


def train(experiment: Experiment, run_dir: Path, superlink: SuperLink, say: Said) -> list[dict]:
    """Make a run directory, hand the federation to the SuperLink, and wait for its end.

    Args:
        say: called with a line for each round.

    Raises:
        InputError: without Flower, or for an experiment that does not say how many sites there are.
        JobError: if the SuperLink cannot be reached, or the federation failed.
        Interrupted: after Ctrl-C.
    """
    require_flower()
    from tfmedgan.federated.deployed_coordinator import data_record

    federation = experiment.federation
    require(
        federation is not None and federation.number,
        "--superlink: give --sites the number of sites to wait for; what each has is its own",
    )
    superlink.require_reachable()
    experiment = with_precision(replace(experiment, data=replace(experiment.data, source="")))
    record, machine = data_record(experiment), describe(experiment, RECORD)
    return follow(RunDirectory.create(run_dir, experiment, record, machine), superlink, say)


def resume(run_dir: Path, rounds: int | None, superlink: SuperLink, say: Said) -> list[dict]:
    """Go on with a run of `train`, whose sites must be there again; the history.

    Args:
        rounds: a new total number of rounds, to train longer than planned.

    Raises:
        InputError: if the run has lost its checkpoints or its log, or is being trained.
        JobError, Interrupted: as `train`.
    """
    require_flower()
    superlink.require_reachable()
    run = RunDirectory.open(run_dir)
    require_whole(run)
    if rounds:
        with run.alone():
            write_text(run.config_path, replace(run.experiment, epochs=rounds).to_json())
    return follow(RunDirectory.open(run_dir), superlink, say)


def follow(run: RunDirectory, superlink: SuperLink, say: Said) -> list[dict]:
    """Hand over a run, new or not finished, and wait for its end; the history."""
    home = run.path / "flower"
    write_app(home, superlink)
    number = _submit(home, run)
    told = len(run.rounds())
    try:
        while True:
            status, details = _status(home, number)
            rounds = run.rounds()  # after the status, or the last round would not be told
            for row in rounds[told:]:
                say(_round_line(row, run.experiment.epochs))
            told = len(rounds)
            if status.startswith("finished"):
                break
            time.sleep(WAIT)
    except KeyboardInterrupt:
        _flwr(home, "stop", number)
        raise Interrupted(
            f"stopped; the rounds before it are saved, go on with: tfmedgan-train --resume "
            f"{run.path} {superlink.options}"
        ) from None
    if not status.endswith("completed"):
        raise JobError(details or "the SuperLink gave the federation up; see its log")
    return run.history()


def write_app(home: Path, superlink: SuperLink) -> None:
    """Flower's configuration and the app, in a folder of the run."""
    app = home / "app"
    app.mkdir(parents=True, exist_ok=True)
    write_text(home / "config.toml", superlink.connection)
    write_text(app / "pyproject.toml", APP)
    write_text(app / "federation.py", MODULE)


def _submit(home: Path, run: RunDirectory) -> str:
    """Hand the app to the SuperLink; the number of the run there."""
    path = json.dumps(str(run.path.absolute()))
    answer = _flwr(home, "run", str(home / "app"), "here", "--run-config", f"run={path}")
    return str(answer["run-id"])


def _status(home: Path, number: str) -> tuple[str, str]:
    answer = _flwr(home, "ls", "--run-id", number)
    row = answer["runs"][0]
    return row["status"], row.get("status-details", "")


def _flwr(home: Path, *arguments: str) -> dict:
    """What Flower's command answers.

    Raises:
        JobError: if it fails, with what it says.
    """
    beside = Path(sys.executable).with_name("flwr")
    command = str(beside) if beside.exists() else shutil.which("flwr")
    if command is None:
        raise InputError("flwr: Flower's command is not on the path; activate its environment")
    environment = dict(os.environ, FLWR_HOME=str(home))
    keep_quiet(environment)
    done = subprocess.run(
        [command, *arguments, "--format", "json"], env=environment, capture_output=True, text=True
    )
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {"success": False, "error-message": done.stderr or done.stdout}
    if not answer.get("success"):
        words = " ".join(str(answer.get("error-message", "")).split())
        raise JobError(f"flwr {arguments[0]}: {words[:300] or 'failed without a word'}")
    return answer


def _round_line(row: dict, rounds: int) -> str:
    missing = "".join(f"  {site} left out: it {why}" for site, why in row["left_out"].items())
    return f"round {row['round']}/{rounds}  {len(row['images'])} sites{missing}"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
