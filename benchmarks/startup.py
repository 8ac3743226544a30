"""How long commands take to start: python benchmarks/startup.py [--data DIR] [--runs N] [--write].

Three things, each in fresh processes: `import tfmedgan` beyond a bare interpreter, in alternating
runs; `tfmedgan-train --help`; and `tfmedgan-train --arch cgan`, and with --data on one's own
images, until its first training step has ended, with the moments passed on the way.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from functools import partial

from pages import parser, show, table
from turns import fresh, in_turns, reported

COMMAND = "from tfmedgan.cli.train import main; main()"  # what the script tfmedgan-train does
LIMITS = {"import": 0.2, "help": 0.5, "step": 15.0}  # seconds
STAGES = ("images read and split", "TensorFlow loaded", "first step begun", "first step ended")


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "numpy")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--data", help="source of one's own images")
    options.add_argument("--first-step", nargs="+", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.first_step:
        started, *trained = arguments.first_step
        train_one_step(float(started), trained)
        return
    commands = {"`tfmedgan-train --arch cgan`": ("arch", "cgan")}
    if arguments.data:
        commands["`tfmedgan-train --data FOLDER`"] = ("data", arguments.data)
    times, moments = light(arguments.runs), []
    for what, option in commands.items():
        step, stages = first_steps(what, option, arguments.runs)
        times.append(step)
        moments += stages
    heads = ("what", "wall", "slowest", "processor", "limit of wall")
    way = "On the way to the first step, since the start of the process:"
    passed = table(("command", "moment", "wall", "processor"), moments, 2)
    note = f"Medians of {arguments.runs} fresh processes."
    show(arguments, "seconds", table(heads, times, 4), way, passed, note=note)


def light(runs: int) -> list[tuple]:
    """Rows of the import and of the help."""
    commands = {
        "bare": ("-c", "pass"),
        "import": ("-c", "import tfmedgan"),
        "help": ("-c", COMMAND, "--help"),
    }
    # The first run of each fills the disk's cache and the bytecode.
    times = in_turns(
        {name: partial(fresh, sys.executable, *line) for name, line in commands.items()}, runs
    )
    pairs = zip(times["import"], times["bare"], strict=True)
    beyond = [(a[0] - b[0], a[1] - b[1]) for a, b in pairs]
    return [
        row("`import tfmedgan`, beyond a bare interpreter", beyond, LIMITS["import"]),
        row("`tfmedgan-train --help`", times["help"], LIMITS["help"]),
    ]


def first_steps(what: str, option: tuple[str, str], runs: int) -> tuple[tuple, list[tuple]]:
    """The row of a command's first step, and rows of the moments passed on the way."""
    moments = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            command = (__file__, "--first-step", time.time(), f"{folder}/run", *option)
            moments.append(reported(sys.executable, *command))
    middle = {
        stage: [statistics.median(run[stage][i] for run in moments) for i in (0, 1)]
        for stage in STAGES
    }
    ends = [tuple(run[STAGES[-1]]) for run in moments]
    stages = [(what, stage, f"{wall:.1f}", f"{cpu:.1f}") for stage, (wall, cpu) in middle.items()]
    return row(f"{what}, end of the first step", ends, LIMITS["step"]), stages


def train_one_step(started: float, trained: list[str]) -> None:
    """The command itself; it notes the moments and ends after its first step.

    Args:
        started: when the process was.
        trained: where, and the name of an option without its dashes and its value.

    Only `start_tensorflow` and one callback are wrapped, so that everything is imported when
    the command would import it.
    """
    from tfmedgan.cli import console, train

    moments = {}

    def note(stage: str) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        moments[stage] = time.time() - started, usage.ru_utime + usage.ru_stime

    start = console.start_tensorflow

    def start_tensorflow() -> None:
        note(STAGES[0])
        start()
        note(STAGES[1])
        from tfmedgan.training.callbacks import MetricsLogger

        def ended(*_, **__) -> None:
            note(STAGES[3])
            print(json.dumps(moments), flush=True)
            os._exit(0)

        MetricsLogger.on_train_batch_begin = lambda *_, **__: note(STAGES[2])
        MetricsLogger.on_train_batch_end = ended

    console.start_tensorflow = start_tensorflow
    out, name, value = trained
    sys.argv = ["tfmedgan-train", f"--{name}", value, "--out", out]
    train.main()


def row(what: str, times: list[tuple[float, float]], limit: float) -> tuple:
    wall, processor = (statistics.median(column) for column in zip(*times, strict=True))
    slowest = max(time for time, _ in times)
    return what, f"{wall:.3f}", f"{slowest:.3f}", f"{processor:.3f}", f"{limit:g}"


if __name__ == "__main__":
    main()
