"""Training speed against plain PyTorch and tutorial loops: python benchmarks/speed.py [--write].

For every network and precision the contestants train in turns, A B C A B C …, each in a process
of its own on the same two threads; between them a product of large matrices measures the peak.
The table has median images/s, and the median and the range of the ratios of each round.
--write puts it into benchmarks/speed.md. PyTorch has to be installed beside the toolkit.
"""

import argparse
import datetime
import multiprocessing
import os
import platform
import statistics
import time
from importlib.metadata import version
from pathlib import Path

from speed_contestants import CONTESTANTS, MATRIX, Race

RACES = {  # batch size, steps of a round
    "dcgan": (256, 5),
    "cgan": (128, 5),
    "dcgan64": (128, 2),
    "wgan-gp64": (64, 1),
    "wgan-gp-lstm": (32, 1),
}
PRECISIONS = ("float32", "mixed_bfloat16")
NAMES = ("toolkit", "PyTorch", "tutorial", "peak")
HEAD = (
    "| network | precision | batch | toolkit, images/s | PyTorch | ratio | tutorial | ratio "
    "| GFLOP an image | peak, GFLOP/s | share |",
    "|---|---|---|---|---|---|---|---|---|---|---|",
)


class Contestant:
    """A process that trains when it is told to."""

    def __init__(self, name: str, race: Race, processors: list[int]):
        self.pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        arguments = (name, race, processors, theirs)
        self.process = context.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        theirs.close()  # so that the death of the process is seen here

    def seconds(self, steps: int) -> float:
        self.pipe.send(steps)
        return self.pipe.recv()

    def close(self) -> None:
        self.pipe.send(0)
        self.process.join()


def _serve(name: str, race: Race, processors: list[int], pipe) -> None:
    os.sched_setaffinity(0, processors)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["OMP_NUM_THREADS"] = str(len(processors))
    CONTESTANTS[name](race, Turns(pipe))


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
    contestants = {name: Contestant(name, race, processors) for name in NAMES}
    seconds = {name: [] for name in NAMES}
    _, steps = RACES[race.network]
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            taken = contestant.seconds(steps) / steps
            if number:
                seconds[name].append(taken)
    for contestant in contestants.values():
        contestant.close()
    return seconds


def row(race: Race, seconds: dict[str, list[float]]) -> str:
    rate = {name: race.per_step / statistics.median(seconds[name]) for name in NAMES}
    peak = 2 * MATRIX**3 / min(seconds["peak"]) / 1e9
    work = race.work
    cells = [race.network, race.precision, race.batch, f"{rate['toolkit']:,.0f}"]
    for name in ("PyTorch", "tutorial"):
        pairs = zip(seconds[name], seconds["toolkit"], strict=True)
        ratios = [theirs / ours for theirs, ours in pairs]
        middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
        cells += [f"{rate[name]:,.0f}", f"**{middle:.2f}** ({low:.2f}–{high:.2f})"]
    cells += [f"{work:.2f}", f"{peak:,.0f}", f"{work * rate['toolkit'] / peak:.0%}"]
    return f"| {' | '.join(map(str, cells))} |"


def report(table: str, rounds: int) -> str:
    packages = ", ".join(f"{n} {version(n)}" for n in ("tensorflow", "keras", "torch"))
    command = f"python benchmarks/speed.py --rounds {rounds} --write"
    return f"""# Training speed

Made on {datetime.date.today()} by `{command}` on {os.cpu_count()}
processor cores ({platform.machine()}), {packages}.

{table}

- *images/s* counts the real images that a step takes: a WGAN-GP's step is `critic_steps` updates
  of the critic, with a batch each, and one of the generator.
- *toolkit* is what `tfmedgan-train` runs, its input pipeline and metrics included, with the
  preset's optimizers and without average or augmentation. *PyTorch* is the same network and
  schedule as repositories write it (`torch_gans.py`), eager; in bfloat16 under `autocast`.
  *tutorial* is TensorFlow's or Keras's own published loop over the toolkit's networks.
- *ratio* is the contestant's seconds over the toolkit's in the same round, median and range. A
  wide range is a machine with other work.
- *GFLOP an image* are convolutions and matrix products of the toolkit's step, counted in its
  graph (`tfmedgan.training.step_graph`); *peak* is the best product of two {MATRIX}×{MATRIX}
  matrices in the same race, *share* what the step reaches of it, all else included.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", default=",".join(RACES))
    parser.add_argument("--precisions", default=",".join(PRECISIONS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write benchmarks/speed.md")
    options = parser.parse_args()
    print("\n".join(HEAD))
    rows = []
    for precision in options.precisions.split(","):
        for network in options.networks.split(","):
            race = Race(network, RACES[network][0], precision)
            rows.append(row(race, compete(race, options.rounds)))
            print(rows[-1], flush=True)
    if options.write:
        Path(__file__).with_suffix(".md").write_text(
            report("\n".join((*HEAD, *rows)), options.rounds)
        )


if __name__ == "__main__":
    main()
