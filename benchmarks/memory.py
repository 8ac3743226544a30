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
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from memory_cells import FEWER, QUERIES, SIDE, STEPS, WIDTH, draw_files

BATCHES = (16, 64, 128)
LOW_PRECISION = ("cgan", "wgan-gp64")  # also measured in mixed_bfloat16
COUNTS = (1_000, 10_000, 100_000)
PAGE = Path(__file__).with_suffix(".md")
CELLS = Path(__file__).with_name("memory_cells.py")
KEPT: Path | None = None  # --keep
ALONE: list[float] = []  # MiB of TensorFlow in the cells so far


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], help="all if none is named")
    parser.add_argument("--limit", type=float, default=90, help="seconds of a cell of training")
    parser.add_argument("--write", action="store_true", help="write benchmarks/memory.md")
    parser.add_argument("--keep", type=Path, help="JSON file of finished cells")
    arguments = parser.parse_args()
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
        "so many training images": ("copies", COUNTS[:2]),
    }  # fmt: skip
    kib = 32 * 32 * 3 / 1024 + FEWER * 4 / 1024
    return growth(rows) + (
        "\n\nThe images of `evaluate` are 32×32×3 and lie in memory, so many on both sides: with "
        f"their features {kib:.0f} KiB each, which is {2 * COUNTS[-1] * kib / 1024:,.0f} MiB for "
        f"{COUNTS[-1]:,}. The vectors of the distances are {COUNTS[-1] * WIDTH / 2**18:,.0f} MiB, "
        "those of the check for copies (all distances among the training images) "
        f"{COUNTS[1] * 256 / 2**18:,.0f} MiB for {COUNTS[1]:,}. Not measured: the network beyond "
        f"{COUNTS[0]:,} images, and distances of {COUNTS[-1]:,} vectors to as many, which the "
        "check for copies and precision, recall, density and coverage need: they would take from "
        "minutes to hours, and walk over the tiles of the row with fewer queries.\n\n"
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


# Cells, each in a process of its own: memory_cells.py


def peak(*cell, limit: float | None = None, timed: bool = False) -> str:
    """The cell of a table: MiB beyond TensorFlow, and seconds when timed."""
    name = " ".join(map(str, cell))
    keep = KEPT if "/" not in name else None  # what was written to a folder is gone
    known = json.loads(keep.read_text()) if keep and keep.exists() else {}
    if name not in known:
        known[name] = run_cell(list(map(str, cell)), limit)
        print(name, known[name], file=sys.stderr, flush=True)
        if keep:
            keep.write_text(json.dumps(known, indent=1))
    found = known[name]
    if found is None:
        return "—"
    ALONE.append(found["tensorflow"])
    text = f"{found['peak'] - found['tensorflow']:,.0f}"
    return f"{text} ({found['seconds']:,.0f} s)" if timed else text


def run_cell(cell: list[str], limit: float | None) -> dict | None:
    """What the process of the cell reports; None when it is not done within the limit."""
    command = [sys.executable, str(CELLS), *cell]
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


# The page


def provenance(name: str) -> str:
    versions = ", ".join(f"{part} {version(part)}" for part in ("tensorflow", "keras", "numpy"))
    return (
        f"`python benchmarks/memory.py {name} --write`, {datetime.date.today()}, {os.cpu_count()} "
        f"cores of {platform.machine()}, Python {platform.python_version()}, {versions}. Importing "
        f"TensorFlow alone takes {statistics.median(ALONE):.0f} MiB."
    )


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
