"""Training speed against plain PyTorch and tutorial loops: python benchmarks/speed.py [--write].

For every network and precision the contestants train in turns, A B C A B C …, each in a process
of its own on the same two threads. The table gives the median images/s, and the median and the
range of the ratios of neighbouring rounds.
"""

import argparse
import multiprocessing
import os
import statistics

from speed_contestants import CONTESTANTS, Race

STEPS = {"dcgan": 12, "cgan": 12, "dcgan64": 3, "wgan-gp64": 1, "wgan-gp-lstm": 1}
BATCH = {"dcgan": 256, "cgan": 128, "dcgan64": 128, "wgan-gp64": 64, "wgan-gp-lstm": 32}
PRECISIONS = ("float32", "mixed_bfloat16")


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
    run = CONTESTANTS[name](race)
    while steps := pipe.recv():
        pipe.send(run(steps))


def compete(race: Race, names: list[str], rounds: int, steps: int) -> dict[str, list[float]]:
    """Seconds per step of each contestant in each round; one round before them is not counted."""
    processors = sorted(os.sched_getaffinity(0))[:2]
    contestants = {name: Contestant(name, race, processors) for name in names}
    seconds = {name: [] for name in names}
    for number in range(rounds + 1):
        for name, contestant in contestants.items():
            taken = contestant.seconds(steps) / steps
            if number:
                seconds[name].append(taken)
    for contestant in contestants.values():
        contestant.close()
    return seconds


def row(race: Race, seconds: dict[str, list[float]]) -> str:
    per_step = race.per_step
    rates = {name: per_step / statistics.median(values) for name, values in seconds.items()}
    ours = seconds["toolkit"]
    cells = []
    for name, values in seconds.items():
        cells.append(f"{rates[name]:,.0f}")
        if name != "toolkit":
            ratios = [theirs / own for theirs, own in zip(values, ours, strict=True)]
            cells[-1] += f" | {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    return f"| {race.network} | {race.precision} | {race.batch} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", default=",".join(STEPS))
    parser.add_argument("--precisions", default=",".join(PRECISIONS))
    parser.add_argument("--against", default="PyTorch,tutorial")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    names = ["toolkit", *options.against.split(",")]
    for network in options.networks.split(","):
        for precision in options.precisions.split(","):
            race = Race(network, BATCH[network], precision)
            seconds = compete(race, names, options.rounds, STEPS[network])
            print(row(race, seconds), flush=True)


if __name__ == "__main__":
    main()
