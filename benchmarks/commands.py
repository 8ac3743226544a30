"""What a command costs beside what its network alone would: python benchmarks/commands.py

    python benchmarks/commands.py --data SOURCE --weights FILE.keras [--runs N] [--write]

One short run of `rgan` on the images is generated from, evaluated and exported, each command in
fresh processes. Beside its time stands the least that it could take: TensorFlow started, the
generator loaded, and each image through its network once. The preview is what training adds after
an epoch, in its own process.
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pages import parser, show, table
from turns import fresh, in_turns, reported

NUM = 1000  # images generated
BATCH = 32  # images that meet the feature network at once
PREVIEW = 64  # images of a sample grid
FORMATS = ("savedmodel", "onnx", "litert")

GENERATE = f"`tfmedgan-generate`, {NUM:,} PNG files"
EVALUATE = f"`tfmedgan-evaluate`, {NUM:,} samples"


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--data", required=True, help="500 images or so")
    options.add_argument("--weights", required=True, help="of the feature network")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.alone:
        print(json.dumps(alone(arguments.alone, arguments.weights)))
        return
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder, "run")
        own = ("--data", arguments.data, "--channels", "1", "--kimg", "1", "--out", run, "--quiet")
        fresh("tfmedgan-train", *own)
        times = in_turns(turns(run, arguments.weights), arguments.runs, warm=False)
        script = (__file__, "--data", arguments.data, "--weights", arguments.weights)
        least = reported("python", *script, "--alone", run)
    note = f"Fresh processes, medians of {arguments.runs}."
    show(arguments, "times", times_table(times, least), sentence(least), note=note)


def turns(run: Path, weights: str) -> dict[str, Callable[[], tuple[float, float]]]:
    """By what is written in the table, a command that can be run again and again."""
    commands = {
        GENERATE: ("tfmedgan-generate", run, "--num", NUM),
        EVALUATE: ("tfmedgan-evaluate", run, "--features", weights),
        **{
            f"`tfmedgan-export --format {name}`": (
                "tfmedgan-export", run, "--format", name, "--allow-unchecked",
            )
            for name in FORMATS
        },
    }  # fmt: skip
    return {what: lambda command=command: into_new_folder(*command)
            for what, command in commands.items()}  # fmt: skip


def into_new_folder(*command) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        return fresh(*command, "--out", Path(folder, "out"), "--quiet")


def times_table(times: dict[str, list[tuple[float, float]]], least: dict[str, float]) -> str:
    """A row of each command: its seconds, and the least of the processor's."""
    generated = least["start"] + NUM * least["image"]
    limits = {
        GENERATE: generated,
        EVALUATE: generated + (NUM + least["real images"]) * least["features"],
    }
    rows = []
    rows.append(preview(least))
    for what, taken in times.items():
        wall, processor = (statistics.median(column) for column in zip(*taken, strict=True))
        limit = limits.get(what, least["start"])
        rows.append((what, *(f"{value:.1f}" for value in (wall, processor, limit)),
                     f"{processor / limit:.1f}"))  # fmt: skip
    heads = ("command", "wall, s", "processor, s", "least processor, s", "times as much")
    return table(heads, rows, 4)


def preview(least: dict[str, float]) -> tuple:
    taken, limit = least["grid"], PREVIEW * least["image"]
    name = f"preview after an epoch, {PREVIEW} samples"
    return name, "", f"{taken:.2f}", f"{limit:.2f}", f"{taken / limit:.1f}"


def sentence(least: dict[str, float]) -> str:
    """What the least is made of."""
    return (
        f"The start takes {least['start']:.1f} s of the processor, an image {least['image']:.4f} s "
        f"of the generator and {least['features']:.4f} s of the feature network, which meets "
        f"{NUM:,} samples and {least['real images']} real images."
    )


def alone(path: Path, weights: str) -> dict[str, float]:
    """Processor seconds of the start and of the networks by themselves, in one process."""
    from tfmedgan.cli.console import start_tensorflow

    start_tensorflow()
    from tfmedgan.evaluation.features import open_extractor
    from tfmedgan.evaluation.run_generator import generator_of
    from tfmedgan.models import sampling
    from tfmedgan.run_directory import RunDirectory
    from tfmedgan.training.callbacks import sample_grid, write_png

    def grid() -> None:
        write_png(path.with_name("grid.png"), sample_grid(generator, 0, ()))

    run = RunDirectory.open(path)
    generator = generator_of(run)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    started = usage.ru_utime + usage.ru_stime
    extractor = open_extractor(weights)
    shape = (BATCH, *extractor.size, extractor.channels)
    batch = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    parts = run.data["split"]
    return {
        "start": started,
        "grid": processor_seconds(grid),
        "image": processor_seconds(lambda: sampling.sample(generator, NUM, 0)) / NUM,
        "features": processor_seconds(lambda: extractor.network(batch)) / BATCH,
        "real images": len(parts["test"]) + len(parts["train"]),
    }


def processor_seconds(work: Callable, rounds: int = 5) -> float:
    """The median, without the first round, which builds the graph."""
    work()
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return statistics.median(times)


if __name__ == "__main__":
    main()
