"""Peaks of resident memory: python benchmarks/memory.py [training|evaluation|data …] [--write].

Each cell is a fresh process that reports the peak of its resident memory, and what it was when
TensorFlow alone had been imported; tables show the difference, in MiB.

training: two steps of each architecture, through the toolkit's own path.
evaluation: metrics and the check for copies with 1,000, 10,000 and 100,000 images.
data: `tfmedgan-data prepare` and streaming of what it wrote, with as many.

--write replaces the named tables in benchmarks/memory.md; --keep FILE notes each finished cell, so
that a run that was ended goes on.
"""

import argparse
import datetime
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

BATCHES = (16, 64, 128)
LOW_PRECISION = ("cgan", "wgan-gp64")  # also measured in mixed_bfloat16
STEPS = 2
COUNTS = (1_000, 10_000, 100_000)
QUERIES = 1_000  # generated images where the time grows with both sets
WIDTH = 2048  # features, as of InceptionV3
FEWER = 1024  # features for FID, whose time grows with their cube
SIDE = 64  # pixels of the images that are prepared
PAGE = Path(__file__).with_suffix(".md")
KEPT: Path | None = None  # --keep


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], help="all if none is named")
    parser.add_argument("--limit", type=float, default=90, help="seconds of a cell of training")
    parser.add_argument("--write", action="store_true", help="write benchmarks/memory.md")
    parser.add_argument("--keep", type=Path, help="JSON file of finished cells")
    parser.add_argument("--cell", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.cell:
        print(json.dumps(measured(CELLS[arguments.cell[0]], arguments.cell[1:])))
        return
    global KEPT
    KEPT = arguments.keep
    for name in arguments.tables or TABLES:
        section = f"## {name.capitalize()}\n\n{TABLES[name](arguments)}\n\n{provenance(name)}\n"
        print(section)
        if arguments.write:
            put(section)


# Tables


def training(arguments) -> str:
    from tfmedgan.architectures import ARCHITECTURES

    precisions = [("float32", name) for name in ARCHITECTURES]
    precisions += [("mixed_bfloat16", name) for name in LOW_PRECISION]
    lines = [
        f"MiB beyond TensorFlow at batch sizes; {STEPS} steps, images from memory.\n",
        "| architecture | precision | real images a step, at batch 64 | "
        + " | ".join(map(str, BATCHES)) + " |",
        "|---|---|---:|" + "---:|" * len(BATCHES),
    ]  # fmt: skip
    for precision, name in precisions:
        per_step = ARCHITECTURES[name].model.images_per_step(64)
        cells = [
            peak("training", name, batch, precision, limit=arguments.limit) for batch in BATCHES
        ]
        lines.append(f"| `{name}` | {precision} | {per_step} | " + " | ".join(cells) + " |")
    lines.append(
        f"\n—: not done after {arguments.limit:.0f} s. A WGAN-GP takes its images in five batches, "
        "one for each critic update; at any time the networks hold one of them."
    )
    return "\n".join(lines)


def evaluation(arguments) -> str:
    rows = {
        "`evaluate` with the network `random`; FID, KID, precision, recall, density, coverage": (
            "network", COUNTS[:1],
        ),
        f"`evaluate` with {FEWER:,} features of a fixed projection; FID, KID": ("wide", COUNTS),
        f"distances of {QUERIES:,} vectors to so many, {WIDTH:,} features; nearest, balls": (
            "distances", COUNTS,
        ),
        f"`check_copies` of {QUERIES:,} generated and as many held-out images, 16×16×1, against "
        "so many training images": ("copies", COUNTS),
    }  # fmt: skip
    kib = 32 * 32 * 3 / 1024 + FEWER * 4 / 1024
    return growth(rows) + (
        "\n\nThe images of `evaluate` are 32×32×3 and lie in memory, so many on both sides: with "
        f"their features {kib:.0f} KiB each, which is {2 * COUNTS[-1] * kib / 1024:,.0f} MiB for "
        f"{COUNTS[-1]:,}. The vectors of the distances are {COUNTS[-1] * WIDTH / 2**18:,.0f} MiB, "
        "those of the check for copies (all distances among the training images) "
        f"{COUNTS[-1] * 256 / 2**18:,.0f} MiB. Not measured: the network beyond {COUNTS[0]:,} "
        "images, and all distances among 100,000 vectors of 2,048 features, which take hours on "
        "two cores; with fewer queries or features the same tiles are walked over.\n\n"
        "Seconds are of a machine with other work, with BLAS on one thread."
    )


def data(arguments) -> str:
    rows = {
        f"`tfmedgan-data prepare FOLDER --format array_record`, PNG of {SIDE}×{SIDE}×3": (
            "prepare", COUNTS,
        ),
        "streaming one pass of that set, batches of 128": ("stream", COUNTS),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            draw_files(Path(folder) / f"png{count}", count)
        text = growth(rows, folder)
    largest = COUNTS[-1] * SIDE * SIDE * 3 / 2**20
    return text + (
        f"\n\n{COUNTS[-1]:,} prepared images are {largest:,.0f} MiB; above 512 MiB they are in "
        "a file. Of each image its name, label, digest and a fingerprint of 1 KiB stay in memory. "
        "TFDS, which writes the set, shuffles up to 1,000 MiB of encoded images in memory and more "
        "on disk. Seconds are of a machine with other work."
    )


def growth(rows: dict, *extra: str) -> str:
    lines = [
        "MiB beyond TensorFlow, and seconds, by number of images.\n",
        "| what | " + " | ".join(f"{count:,}" for count in COUNTS) + " |",
        "|---|" + "---:|" * len(COUNTS),
    ]
    for what, (kind, counts) in rows.items():
        cells = [
            peak(kind, count, *extra, timed=True) if count in counts else "—" for count in COUNTS
        ]
        lines.append(f"| {what} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


TABLES = {"training": training, "evaluation": evaluation, "data": data}


# Cells, each in a process of its own


def peak(*cell, limit: float | None = None, timed: bool = False) -> str:
    """The cell of a table: MiB beyond TensorFlow, and seconds when timed."""
    known = json.loads(KEPT.read_text()) if KEPT and KEPT.exists() else {}
    name = " ".join(str(part) for part in cell if "/" not in str(part))
    if name not in known:
        known[name] = run_cell(list(map(str, cell)), limit)
        print(name, known[name], file=sys.stderr, flush=True)
        if KEPT:
            KEPT.write_text(json.dumps(known, indent=1))
    found = known[name]
    if found is None:
        return "—"
    text = f"{found['peak'] - found['tensorflow']:,.0f}"
    return f"{text} ({found['seconds']:,.0f} s)" if timed else text


def run_cell(cell: list[str], limit: float | None) -> dict | None:
    """What the process of the cell reports; None when it is not done within the limit."""
    command = [sys.executable, __file__, "--cell", *cell]
    # Threads of BLAS wait for each other where other work is going on.
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, env=environment
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def measured(work, arguments: list[str]) -> dict:
    """Peak MiB of the process while `work` ran, and that of TensorFlow's import."""
    import tensorflow  # noqa: F401

    base, started = peak_memory(), time.perf_counter()
    work(*arguments)
    return {
        "tensorflow": base,
        "peak": peak_memory(),
        "seconds": time.perf_counter() - started,
    }


def peak_memory() -> float:
    """Peak of resident memory, MiB; Linux. getrusage would count the parent's as well."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def train_cell(name: str, batch: str, precision: str) -> None:
    from tfmedgan.architectures import ARCHITECTURES
    from tfmedgan.data.pipeline import stream
    from tfmedgan.data.records import ImageArrays
    from tfmedgan.training.loop import build

    experiment = replace(ARCHITECTURES[name], batch_size=int(batch), precision=precision)
    model = experiment.model
    images = pictures(64, model.image_shape)
    labels = np.arange(64, dtype=np.int32) % max(1, model.n_classes)
    arrays = ImageArrays(images, labels, tuple(map(str, range(64))))
    per_step = model.images_per_step(experiment.batch_size)
    batches = stream(arrays, experiment.data.steps, per_step, 0)
    build(experiment).fit(batches, epochs=1, steps_per_epoch=STEPS, verbose=0, shuffle=False)


def network_cell(count: str) -> None:
    from tfmedgan.evaluation import evaluate

    metrics = ("fid", "kid", "precision_recall", "density_coverage")
    evaluate(pictures(int(count), seed=1), pictures(int(count)), metrics)


def wide_cell(count: str) -> None:
    from tfmedgan.evaluation import evaluate

    evaluate(pictures(int(count), seed=1), pictures(int(count)), ("fid", "kid"), projection())


def projection():
    """An extractor that costs next to nothing: fixed random weights of all pixels."""
    from tfmedgan.evaluation.features import Extractor

    weights = np.random.default_rng(0).standard_normal((32 * 32 * 3, FEWER), np.float32) / 50

    def network(images: np.ndarray):
        return np.maximum(images.reshape(len(images), -1) @ weights, 0), None

    return Extractor("projection", "", (32, 32), 3, network)


def distances_cell(count: str) -> None:
    from tfmedgan.evaluation import neighbours

    points, queries = vectors(int(count), WIDTH), vectors(QUERIES, WIDTH)
    neighbours.nearest(queries, points, 51)
    neighbours.balls_around(queries, points, np.full(len(points), WIDTH))
    neighbours.balls_with_a_guest(points, queries, np.full(QUERIES, WIDTH))


def copies_cell(count: str) -> None:
    from tfmedgan.evaluation.images import open_pool
    from tfmedgan.evaluation.memorisation import check_copies

    counts = {"fake": QUERIES, "training": int(count), "held-out": QUERIES}
    pools = [
        open_pool(pictures(number, (16, 16, 1), seed), name)
        for seed, (name, number) in enumerate(counts.items())
    ]
    check_copies(*pools)


def prepare_cell(count: str, folder: str) -> None:
    from tfmedgan.cli.data import app

    out = f"{folder}/{count}"
    app(
        ["prepare", f"{folder}/png{count}", "--out", out, "--format", "array_record", "--quiet"],
        standalone_mode=False,
    )


def stream_cell(count: str, folder: str) -> None:
    from tfmedgan.config import DataConfig
    from tfmedgan.data.pipeline import stream
    from tfmedgan.data.prepare import prepare
    from tfmedgan.data.steps import standard_steps

    config = DataConfig(f"tfds:prepared:{folder}/{count}", standard_steps((SIDE, SIDE, 3)))
    arrays = prepare(config, 0, cache=Path(folder)).parts["train"]
    batches = iter(stream(arrays, config.steps, 128, 0))
    for _ in range(len(arrays) // 128 + 1):
        next(batches)


CELLS = {
    "training": train_cell,
    "network": network_cell,
    "wide": wide_cell,
    "distances": distances_cell,
    "copies": copies_cell,
    "prepare": prepare_cell,
    "stream": stream_cell,
    "nothing": lambda: None,
}


# Material


def pictures(count: int, shape: tuple[int, ...] = (32, 32, 3), seed: int = 0) -> np.ndarray:
    """Different images of noise, uint8 (count, *shape)."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def vectors(count: int, width: int) -> np.ndarray:
    return np.random.default_rng(count).standard_normal((count, width), np.float32)


def draw_files(folder: Path, count: int) -> None:
    """PNG files of smooth noise, no two of them alike, in one folder."""
    import cv2

    folder.mkdir()
    generator = np.random.default_rng(count)
    for index in range(count):
        coarse = generator.integers(0, 256, (24, 24, 3), dtype=np.uint8)
        picture = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        cv2.imwrite(str(folder / f"{index:06d}.png"), picture)


# The page


def provenance(name: str) -> str:
    versions = ", ".join(f"{part} {version(part)}" for part in ("tensorflow", "keras", "numpy"))
    return (
        f"`python benchmarks/memory.py {name} --write`, {datetime.date.today()}, {os.cpu_count()} "
        f"cores of {platform.machine()}, Python {platform.python_version()}, {versions}. Importing "
        f"TensorFlow alone takes {tensorflow_alone():.0f} MiB."
    )


def tensorflow_alone() -> float:
    command = [sys.executable, __file__, "--cell", "nothing"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])["tensorflow"]


def put(section: str) -> None:
    """Replace one section of the page, or add it in its place."""
    found = re.split(r"^(?=## )", PAGE.read_text(), flags=re.MULTILINE)[1:] if PAGE.exists() else []
    sections = {text.split("\n")[0]: text.strip() + "\n" for text in [*found, section]}
    order = [f"## {name.capitalize()}" for name in TABLES]
    kept = [sections[title] for title in order if title in sections]
    PAGE.write_text("\n".join((HEAD, *kept)))


HEAD = """# Peaks of memory

Each cell is a fresh process, which says how much memory was resident at its peak; what importing
TensorFlow alone takes is subtracted.
"""


if __name__ == "__main__":
    main()
