"""Training speed against plain PyTorch and tutorial loops: python benchmarks/speed.py [--write].

For every network and precision the contestants train in turns, A B C A B C …, each in a process
of its own on the same two threads; between them a product of large matrices measures the peak.
The table has median images/s, and the median and the range of the ratios of each round.
PyTorch has to be installed beside the toolkit.
"""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from pages import parser, show, table
from speed_contestants import CONTESTANTS, MATRIX, TUTORIALS, Race
from turns import in_turns, ratio

RACES = {  # batch size, steps of a round
    "dcgan": (256, 5),
    "cgan": (128, 5),
    "dcgan64": (128, 2),
    "wgan-gp64": (64, 1),
    "wgan-gp-lstm": (32, 1),
    "rgan": (32, 8),  # twice all steps between two penalties
    "stylegan2": (32, 16),  # once
}
PRECISIONS = ("float32", "mixed_bfloat16")
NAMES = ("toolkit", "PyTorch", "tutorial", "peak")
HEADS = (
    "network", "precision", "batch", "toolkit, images/s", "PyTorch", "ratio", "tutorial", "ratio",
    "GFLOP an image", "peak, GFLOP/s", "share",
)  # fmt: skip


class Contestant:
    """A process that trains when it is told to.

    Args:
        work: function of a race, and of what it calls after each step until that returns true.
    """

    def __init__(self, work: Callable, race: Any, processors: list[int]):
        self.pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        arguments = (work, race, processors, theirs)
        self.process = context.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        theirs.close()  # so that the death of the process is seen here

    def seconds(self, steps: int) -> float:
        self.pipe.send(steps)
        return self.pipe.recv()

    def close(self) -> None:
        self.pipe.send(0)
        self.process.join()


def _serve(work: Callable, race: Any, processors: list[int], pipe) -> None:
    os.sched_setaffinity(0, processors)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["OMP_NUM_THREADS"] = str(len(processors))
    work(race, Turns(pipe))


class Turns:
    """Called after each step of a contestant: keeps the time, and waits between its turns.

    The first step of a turn is not counted: after a wait it is slower than those that follow.
    """

    def __init__(self, pipe):
        self.pipe = pipe
        self.steps = self.done = 0

    def __call__(self) -> bool:
        """Whether the race is over."""
        now = time.perf_counter()
        if self.done == 0:
            self.started = now
        if self.done < self.steps:
            self.done += 1
            return False
        if self.steps:
            self.pipe.send(now - self.started)
        self.steps, self.done = self.pipe.recv(), 0
        return self.steps == 0


def compete(race: Race, rounds: int) -> dict[str, list[float]]:
    """Seconds per step of each contestant in each round; one round before them is not counted."""
    processors = sorted(os.sched_getaffinity(0))[:2]
    names = [name for name in NAMES if name != "tutorial" or race.network in TUTORIALS]
    contestants = {name: Contestant(CONTESTANTS[name], race, processors) for name in names}
    _, steps = RACES[race.network]
    turns = {name: lambda c=c: c.seconds(steps) / steps for name, c in contestants.items()}
    seconds = in_turns(turns, rounds)
    for contestant in contestants.values():
        contestant.close()
    return seconds


def row(race: Race, seconds: dict[str, list[float]]) -> list:
    rate = {name: race.per_step / statistics.median(times) for name, times in seconds.items()}
    peak = 2 * MATRIX**3 / min(seconds["peak"]) / 1e9
    cells = [race.network, race.precision, race.batch, f"{rate['toolkit']:,.0f}"]
    for name in ("PyTorch", "tutorial"):
        if name not in seconds:
            cells += ["–", "–"]
            continue
        middle, low, high = ratio(seconds[name], seconds["toolkit"])
        cells += [f"{rate[name]:,.0f}", f"**{middle:.2f}** ({low:.2f}–{high:.2f})"]
    work = race.work
    return [*cells, f"{work:.2f}", f"{peak:,.0f}", f"{work * rate['toolkit'] / peak:.0%}"]


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "torch")
    options.add_argument("--networks", default=",".join(RACES))
    options.add_argument("--precisions", default=",".join(PRECISIONS))
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    rows = []
    for precision in arguments.precisions.split(","):
        for network in arguments.networks.split(","):
            race = Race(network, RACES[network][0], precision)
            rows.append(row(race, compete(race, arguments.rounds)))
            print(*rows[-1], flush=True)
    show(arguments, "rates", table(HEADS, rows))


if __name__ == "__main__":
    main()
