"""Several devices or workers do what one does with the same global batch."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.steps_on_replicas import STEPS, first_steps
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.errors import InputError
from tfmedgan.models import replicas
from tfmedgan.models.fast_layers import BatchNorm
from tfmedgan.training import RunDirectory, resume, train
from tfmedgan.training.distribution import Distribution

SCRIPT = Path(__file__).with_name("steps_on_replicas.py")
TRAIN = [sys.executable, "-c", "from tfmedgan.cli.train import main; main()"]
TOLERANCE = 2e-5  # rgan's penalty divides differences by 0.0025, and so their rounding
DEFAULT = ("dcgan+diffaug", "wgan-gp64+ada", "rgan")
EVERY = (
    *DEFAULT, "cgan+ada", "dcgan64", "cgan64+diffaug", "dcgan-k16", "stylegan2+ada", "wgan-gp128",
    "wgan-gp-lstm",
)  # fmt: skip


def start_workers(count: int, command: list) -> list[subprocess.Popen]:
    """The same command in `count` processes that know each other by TF_CONFIG."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    tasks = ({"type": "worker", "index": index} for index in range(count))
    configs = (json.dumps({"cluster": {"worker": addresses}, "task": task}) for task in tasks)
    return [
        subprocess.Popen(
            list(map(str, command)), env={**os.environ, "TF_CONFIG": config},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for config in configs
    ]  # fmt: skip


def ends(workers: list[subprocess.Popen]) -> list[tuple[int, str, str]]:
    """Exit status, stdout and stderr of each."""
    try:
        said = [worker.communicate(timeout=120) for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    return [(worker.returncode, *texts) for worker, texts in zip(workers, said, strict=True)]


# Losses and state


@pytest.fixture(scope="module")
def one_device():
    """Function: what one device does, computed once for each name."""
    known = {}

    def steps(name: str) -> dict:
        if name not in known:
            known[name] = first_steps(name, Distribution())
            keras.backend.clear_session()
        return known[name]

    return steps


def assert_equal_steps(one: dict, several: dict) -> None:
    for key, expected in one.items():
        difference = np.abs(several[key].astype(float) - expected)
        if "/" not in key:
            assert (difference <= TOLERANCE * np.maximum(np.abs(expected), 1e-2)).all(), key
        else:  # a variable: a wrong factor or an unshared statistic is far above rounding
            assert difference.max() <= 1e-3 * max(np.abs(expected).max(), 1e-2), key


def on_devices(folder: Path, devices: int, names) -> dict:
    out = folder / "mirrored.npz"
    command = [sys.executable, SCRIPT, out, "mirrored", devices, *names]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=900)
    with np.load(out) as file:
        return dict(file)


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory):
    return on_devices(tmp_path_factory.mktemp("mirrored"), 2, DEFAULT)


@pytest.mark.parametrize("name", DEFAULT)
def test_two_devices_do_what_one_does(name, mirrored, one_device):
    """Losses, weights, averages, moving statistics, dropout's counters and ada's probability."""
    one = one_device(name)
    assert one[name].shape[0] == STEPS and np.ptp(one[name][:, 0]) > 0
    assert_equal_steps(one, mirrored)


@pytest.mark.slow
@pytest.mark.parametrize("devices", [2, 4])
def test_every_architecture_on_several_devices(devices, tmp_path, one_device):
    compared = {name.split("+")[0] for name in EVERY}
    assert compared == set(ARCHITECTURES), "write the architecture into EVERY"
    steps = on_devices(tmp_path, devices, EVERY)
    for name in EVERY:
        assert_equal_steps(one_device(name), steps)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 4])
def test_every_architecture_on_several_workers(count, tmp_path, one_device):
    out = tmp_path / "workers.npz"
    command = [sys.executable, SCRIPT, out, "multiworker", 1, *EVERY]
    workers = start_workers(count, command)
    for worker in workers:
        assert worker.wait(timeout=1200) == 0, worker.stderr.read()[-2000:]
    with np.load(out) as file:
        for name in EVERY:
            assert_equal_steps(one_device(name), dict(file))


def network(*layers):
    return keras.Sequential([keras.Input((4, 4, 2)), *layers])


def test_layers_are_put_back():
    kinds = BatchNorm(), keras.layers.Dropout(0.5)
    plain = [layer.get_config() for layer in kinds]
    inner = network(*kinds)
    with replicas.sharing(network(inner)):
        assert kinds[0].synchronized and "call" in vars(kinds[1])
    assert [layer.get_config() for layer in kinds] == plain
    assert "_moments" not in vars(kinds[0]) and "call" not in vars(kinds[1])


@pytest.mark.parametrize(
    "layer", [keras.layers.GaussianNoise(0.1), keras.layers.SpatialDropout2D(0.1)]
)
def test_a_layer_that_draws_in_an_unknown_way_is_refused(layer):
    with pytest.raises(InputError, match="draws at random"), replicas.sharing(network(layer)):
        pass


def test_one_device_adds_nothing_to_the_graph():
    @tf.function
    def function(x):
        replicas.rows(lambda n: x[:n], 2), replicas.mean(x), replicas.total(3)
        return replicas.means({"loss": x[0]})["loss"], *replicas.shares([x])

    operations = function.get_concrete_function(tf.zeros(4)).graph.get_operations()
    assert {op.type for op in operations} <= {"Placeholder", "StridedSlice", "Const", "Identity"}


# A run of two workers: finished, prolonged, one killed, resumed on one device

SEVERAL = ["--strategy", "multiworker"]


def experiment(epochs: int):
    base = ARCHITECTURES["cgan"]
    data = replace(base.data, source="phantom:fundus:12")
    return replace(base, data=data, batch_size=16, epochs=epochs)


def command(epochs: int) -> list:
    options = ["--arch", "cgan", "--data", "phantom:fundus:12", "--batch-size", 16]
    return [*TRAIN, *options, "--epochs", epochs, *SEVERAL]


def newest(run: Path) -> int:
    """Step of the newest checkpoint; 0 if there is none."""
    return max((int(path.stem[5:]) for path in run.glob("checkpoints/step-*.npz")), default=0)


def wait_for_a_checkpoint(run: Path, workers) -> None:
    former, patience = newest(run), time.monotonic() + 90
    while newest(run) == former and time.monotonic() < patience:
        assert all(worker.poll() is None for worker in workers), ends(workers)
        time.sleep(0.02)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of two workers, and how they ended."""
    run = tmp_path_factory.mktemp("workers") / "run"
    return run, ends(start_workers(2, [*command(2), "--out", run]))


@pytest.fixture(scope="module")
def killed(finished):
    """The same run, prolonged until a worker was killed; how they ended, and in what time."""
    run, _ = finished
    workers = start_workers(2, [*TRAIN, "--resume", run, "--epochs", 6, *SEVERAL])
    wait_for_a_checkpoint(run, workers)
    workers[1].kill()
    moment = time.monotonic()
    return run, ends(workers), time.monotonic() - moment


def test_only_the_chief_speaks_and_writes(finished):
    run, ((chief, told, progress), (other, nothing, text)) = finished
    assert (chief, other) == (0, 0)
    assert told.startswith(f"{run}: 2 epochs, 4 steps  d_loss ") and f"directory {run}" in progress
    assert nothing == "" and text.strip() == "worker 1 of 2: waiting for the others"
    environment = json.loads((run / "environment.json").read_text())
    recorded = {key: environment[key] for key in ("strategy", "workers", "replicas")}
    assert recorded == {"strategy": "multiworker", "workers": 2, "replicas": 2}
    assert len((run / "metrics.csv").read_text().split()) == 3


def test_a_killed_worker_ends_the_others_soon_with_one_line(killed):
    run, ((status, out, text), (gone, *_)), seconds = killed
    waiting, last = text.strip().split("\n")
    assert gone == -9 and status == 1 and out == "" and seconds < 30
    assert waiting == "worker 0 of 2: waiting for the others"
    assert last.startswith("tfmedgan-train: worker 0 of 2: the connection to worker 1 broke")
    assert newest(run) > 4


def test_one_device_goes_on_and_ends_with_the_run_of_one_device(killed, tmp_path):
    run = killed[0]
    resume(run, progress=False)
    train(experiment(6), tmp_path / "calm", progress=False)
    history, expected = (RunDirectory.open(path).history() for path in (run, tmp_path / "calm"))
    assert [row["step"] for row in history] == [2, 4, 6, 8, 10, 12]
    for name in ("d_loss", "g_loss", "d_real"):
        np.testing.assert_allclose(
            [row[name] for row in history], [row[name] for row in expected], rtol=1e-4
        )
    assert (run / "config.json").read_text() == (tmp_path / "calm" / "config.json").read_text()
    (continued,) = json.loads((run / "environment.json").read_text())["continued"]
    assert 4 < continued.pop("step") < 12
    assert continued == {"strategy": "none", "workers": 1, "replicas": 1}


@pytest.mark.slow
def test_a_worker_that_is_asked_to_stop_stops_all(tmp_path):
    run = tmp_path / "run"
    workers = start_workers(2, [*command(500), "--out", run])
    wait_for_a_checkpoint(run, workers)
    workers[1].terminate()  # a polite kill, as schedulers do
    for status, out, text in ends(workers):
        assert status == 130 and out == "" and "Traceback" not in text
        last = text.strip().split("\n")[-1]
        assert f"go on with: tfmedgan-train --resume {run} --strategy multiworker" in last
    assert {"generator.keras", "summary.json"} <= {path.name for path in run.iterdir()}


@pytest.mark.slow
def test_workers_that_differ_are_refused(tmp_path):
    """The second has another seed: both end with one line, and nothing is written."""
    own = "sys.argv += ['--seed', '1' if '\"index\": 1' in os.environ['TF_CONFIG'] else '0']"
    code = f"import os, sys; {own}; from tfmedgan.cli.train import main; main()"
    options = command(2)[len(TRAIN) :]
    workers = start_workers(2, [sys.executable, "-c", code, *options, "--out", tmp_path / "run"])
    for status, _, text in ends(workers):
        assert status == 2 and "Traceback" not in text
        assert "worker 1 and the chief differ in their experiment" in text.split("\n")[-2]
    assert not (tmp_path / "run").exists()
