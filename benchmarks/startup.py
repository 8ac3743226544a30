"""How long commands take to start: python benchmarks/startup.py [--runs N] [--write].

Three things, each in fresh processes: `import tfmedgan` beyond a bare interpreter, in alternating
runs; `tfmedgan-train --help`; and `tfmedgan-train --arch cgan` until its first training step has
ended, with the moments passed on the way. --write puts the tables into benchmarks/startup.md.
"""

import argparse
import datetime
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

COMMAND = "from tfmedgan.cli.train import main; main()"  # what the script tfmedgan-train does
LIMITS = {"import": 0.2, "help": 0.5, "step": 15.0}  # seconds
STAGES = ("images drawn and split", "TensorFlow loaded", "first step begun", "first step ended")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="write benchmarks/startup.md")
    parser.add_argument("--first-step", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.first_step:
        train_one_step(float(arguments.first_step[0]), arguments.first_step[1])
        return
    text = report(arguments.runs, light(arguments.runs), first_steps(arguments.runs))
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text)


def light(runs: int) -> str:
    """Rows of the import and of the help, (wall, processor) medians."""
    bare, imported, asked = [], [], []
    for _ in range(runs + 1):
        bare.append(seconds("-c", "pass"))
        imported.append(seconds("-c", "import tfmedgan"))
        asked.append(seconds("-c", COMMAND, "--help"))
    # The first run of each fills the disk's cache and the bytecode.
    beyond = [(a[0] - b[0], a[1] - b[1]) for a, b in zip(imported[1:], bare[1:], strict=True)]
    return "\n".join(
        (
            row("`import tfmedgan`, beyond a bare interpreter", beyond, LIMITS["import"]),
            row("`tfmedgan-train --help`", asked[1:], LIMITS["help"]),
        )
    )


def seconds(*arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of one Python process."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(errors.decode())
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime


def first_steps(runs: int) -> tuple[str, str]:
    """The row of the first step, and the table of the moments passed on the way."""
    found = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            started = time.time()
            done = subprocess.run(
                [sys.executable, __file__, "--first-step", str(started), f"{folder}/run"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
        found.append(json.loads(done.stdout.splitlines()[-1]))
    medians = [[statistics.median(run[stage][i] for run in found) for i in (0, 1)]
               for stage in STAGES]  # fmt: skip
    stages = "\n".join(
        f"| {stage} | {wall:.1f} | {processor:.1f} |"
        for stage, (wall, processor) in zip(STAGES, medians, strict=True)
    )
    ends = [tuple(run[STAGES[-1]]) for run in found]
    return row("`tfmedgan-train --arch cgan`, end of the first step", ends, LIMITS["step"]), stages


def train_one_step(started: float, out: str) -> None:
    """The command itself; it notes the moments and ends after its first step.

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

        def ended(journal, batch, logs=None) -> None:
            note(STAGES[3])
            print(json.dumps(moments), flush=True)
            os._exit(0)

        MetricsLogger.on_train_batch_begin = lambda journal, batch, logs=None: note(STAGES[2])
        MetricsLogger.on_train_batch_end = ended

    console.start_tensorflow = start_tensorflow
    sys.argv = ["tfmedgan-train", "--arch", "cgan", "--out", out]
    train.main()


def row(what: str, times: list[tuple[float, float]], limit: float) -> str:
    wall, processor = (statistics.median(column) for column in zip(*times, strict=True))
    slowest = max(time for time, _ in times)
    return f"| {what} | {wall:.3f} | {slowest:.3f} | {processor:.3f} | {limit:g} |"


def report(runs: int, rows: str, steps: tuple[str, str]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy"))
    return f"""# Start-up

`python benchmarks/startup.py --runs {runs} --write`, {datetime.date.today()}, {os.cpu_count()}
cores of {platform.machine()}, Python {platform.python_version()}, {versions}; load average of the
machine {os.getloadavg()[1]:.1f} over five minutes. Medians of {runs} fresh processes, in seconds;
processor time is that of all threads together, and changes least with what else is going on.

| what | wall | slowest | processor | limit of wall |
|---|---:|---:|---:|---:|
{rows}
{steps[0]}

On the way to the first step, since the start of the process:

| moment | wall | processor |
|---|---:|---:|
{steps[1]}

The command draws 1,000 phantoms of 128×128 pixels, compares them with each other, splits them,
loads TensorFlow, builds the networks and traces the step. It is ended after its first step.
"""


if __name__ == "__main__":
    main()
