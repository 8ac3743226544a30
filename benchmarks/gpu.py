"""A machine with GPUs: tests, speed and memory, repeatability, several cards; see gpu.sh.

    python benchmarks/gpu.py [--write] [--only PART …]

What needs a GPU, or several, is left out by name where there is none, so that the rest can be run
on any machine.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from pages import parser, show, table
from speed_contestants import Race, toolkit
from turns import reported

from tfmedgan.machine import gpus

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
BATCHES = {"rgan": 64, "dcgan64": 128, "wgan-gp64": 64, "cgan": 128, "stylegan2": 32}
STEPS, FIRST = 60, 12  # of a cell with a GPU, and those of them before the clock runs
TESTS = ("tests/models", "tests/training")
TRAINING = (
    "--arch", "cgan", "--data", "phantom:fundus:300:0", "--batch-size", "32", "--deterministic",
    "--quiet",
)  # fmt: skip
COMMAND = "from tfmedgan.cli.train import main; main()"


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    options.add_argument("--cell", nargs=3, metavar=("NETWORK", "PRECISION", "XLA"))
    arguments = options.parse_args()
    if arguments.cell:
        print(json.dumps(cell(*arguments.cell)))
        return
    names = [details.get("device_name", "unknown") for details in gpus()]
    for part in arguments.only:
        note = f"GPUs: {', '.join(names) or 'none'}."
        show(arguments, part, PARTS[part](len(names)), note=note)


def tests(_: int) -> str:
    """The last line of pytest, and the names of tests that failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", *TESTS]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    failed = [f"- {line}" for line in lines if line.startswith(("FAILED", "ERROR"))]
    return "\n".join([f"`pytest {' '.join(TESTS)}`: {lines[-1].strip('= ')}", *failed])


def speed(cards: int) -> str:
    """Images/s and memory of each network in each precision, with and without XLA."""
    todo = list(product(BATCHES, PRECISIONS, ("no", "yes")))
    measured = todo if cards else todo[:2]
    rows = [(f"`{name}`", BATCHES[name], *how, *_row(name, *how)) for name, *how in measured]
    heads = ("network", "batch", "precision", "XLA", "images/s", "peak of GPU memory, MiB")
    left = (
        f"Left out, since there is no GPU: {len(todo) - 2} cells, those of {', '.join(BATCHES)} in "
        f"{', '.join(PRECISIONS)}, with XLA and without."
    )
    return table(heads, rows, 2) + ("" if cards else f"\n\n{left}")


def _row(*how) -> tuple[str, str]:
    """Rate and memory of a cell, or why there are none."""
    try:
        found = reported(sys.executable, __file__, "--cell", *how)
    except SystemExit as failure:
        return "failed", " ".join(str(failure).splitlines()[-1:])[:80]
    return f"{found['rate']:,.0f}", f"{found['mib']:,.0f}" if found["mib"] else "–"


def cell(network: str, precision: str, xla: str) -> dict[str, float]:
    """Images/s of `fit`, and the peak of the first GPU's memory."""
    import tensorflow as tf
    from speed import Turns

    steps, first = (STEPS, FIRST) if gpus() else (3, 1)
    turns = Turns(Schedule([first, steps - first, 0]))
    turns.steps = turns.pipe.recv()
    race = GPURace(network, BATCHES[network], precision, xla == "yes")
    toolkit(race, turns)
    seconds = turns.pipe.sent[-1]
    used = tf.config.experimental.get_memory_info("GPU:0")["peak"] if gpus() else 0
    return {"rate": race.per_step * (steps - first) / seconds, "mib": used / 2**20}


class GPURace(Race):
    """A race of one, which XLA may compile."""

    def __init__(self, network: str, batch: int, precision: str, xla: bool):
        super().__init__(network, batch, precision)
        object.__setattr__(self, "xla", xla)

    @property
    def experiment(self):
        return replace(super().experiment, jit=self.xla, deterministic=not self.xla)


class Schedule:
    """A pipe that asks for so many steps one time after the other, and keeps the answers."""

    def __init__(self, steps: list[int]):
        self.steps, self.sent = iter(steps), []

    def recv(self) -> int:
        return next(self.steps)

    def send(self, seconds: float) -> None:
        self.sent.append(seconds)


def repeat(_: int) -> str:
    """Whether two starts, and a run that was gone on with, give the same weights bit for bit."""
    with tempfile.TemporaryDirectory() as folder:
        once, again, resumed = (Path(folder) / name for name in ("once", "again", "resumed"))
        for place, epochs in ((once, 2), (again, 2), (resumed, 1)):
            train("--out", place, "--epochs", epochs, *TRAINING)
        train("--resume", resumed, "--epochs", 2, "--quiet")
        pairs = {"two starts": (once, again), "gone on with after half": (once, resumed)}
        return "\n".join(f"- {name}: {sameness(*pair)}" for name, pair in pairs.items())


def cards(count: int) -> str:
    """A run on all cards beside the same on one."""
    if count < 2:
        return f"Left out: `--strategy mirrored` on all cards needs two GPUs, and here are {count}."
    with tempfile.TemporaryDirectory() as folder:
        one, all_ = Path(folder) / "one", Path(folder) / "all"
        train("--out", one, "--epochs", 1, *TRAINING)
        train("--out", all_, "--epochs", 1, *TRAINING, "--strategy", "mirrored")
        return f"One epoch on {count} cards and on one: {sameness(one, all_)}."


def train(*options) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, options)], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)


def sameness(first: Path, second: Path) -> str:
    """How far the generators of two runs are from each other."""
    import keras

    from tfmedgan.run_directory import RunDirectory

    weights = [
        keras.saving.load_model(RunDirectory.open(run).generator_path, compile=False).get_weights()
        for run in (first, second)
    ]
    largest = max(float(np.abs(a - b).max()) for a, b in zip(*weights, strict=True))
    return f"weights differ by {largest:.2g} at most" if largest else "equal bit for bit"


PARTS: dict[str, Callable[[int], str]] = {
    "tests": tests, "speed": speed, "repeat": repeat, "cards": cards,
}  # fmt: skip


if __name__ == "__main__":
    main()
