"""Peaks of resident memory: python benchmarks/memory.py [training|evaluation|data …] [--write].

Each cell is a fresh process that reports the peak of its resident memory, and what it was when
TensorFlow alone had been imported; tables show the difference, in MiB.

training: two steps of each architecture, through the toolkit's own path.
evaluation: metrics and the check for copies with 1,000, 10,000 and 100,000 images.
data: `tfmedgan-data prepare` and streaming of what it wrote, with as many.

--keep FILE notes each finished cell, so that a run that was ended goes on.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from memory_cells import FEWER, QUERIES, SIDE, STEPS, WIDTH, draw_files
from pages import parser, show, table
from turns import reported

BATCHES = (16, 64, 128)
LOW_PRECISION = ("cgan", "wgan-gp64")  # also measured in mixed_bfloat16
COUNTS = (1_000, 10_000, 100_000)
CELLS = Path(__file__).with_name("memory_cells.py")


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "numpy")
    options.add_argument("tables", nargs="*", choices=[[], *TABLES], help="all if none is named")
    options.add_argument("--limit", type=float, default=90, help="seconds of a cell of training")
    options.add_argument("--largest", type=int, default=COUNTS[-1], help="number of images")
    options.add_argument("--keep", type=Path, help="JSON file of finished cells")
    arguments = options.parse_args()
    for name in arguments.tables or TABLES:
        cells = Cells(arguments.keep, arguments.limit, arguments.largest)
        text = TABLES[name](cells)
        alone = f"Importing TensorFlow alone takes {statistics.median(cells.alone):.0f} MiB."
        show(arguments, name, text, note=alone)


def training(cells: "Cells") -> str:
    from tfmedgan.architectures import ARCHITECTURES

    entries = [("float32", name) for name in ARCHITECTURES]
    entries += [("mixed_bfloat16", name) for name in LOW_PRECISION]
    heads = ("architecture", "precision", "real images a step, at batch 64", *BATCHES)
    rows = [
        [f"`{name}`", precision, ARCHITECTURES[name].model.images_per_step(64),
         *(cells.mib(cells.get("training", name, batch, precision)) for batch in BATCHES)]
        for precision, name in entries
    ]  # fmt: skip
    return (
        f"MiB beyond TensorFlow at batch sizes; {STEPS} steps, images from memory. —: not done "
        f"after {cells.limit:.0f} s.\n\n{table(heads, rows, 4)}"
    )


def evaluation(cells: "Cells") -> str:
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
    return growth(cells, rows)


def data(cells: "Cells") -> str:
    rows = {
        f"`tfmedgan-data prepare FOLDER --format array_record`, PNG of {SIDE}×{SIDE}×3": (
            "prepare", COUNTS,
        ),
        "streaming one pass of that set, batches of 128": ("stream", COUNTS),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            if count <= cells.largest:
                draw_files(Path(folder) / f"png{count}", count)
        return growth(cells, rows, folder)


def growth(cells: "Cells", rows: dict, *extra: str) -> str:
    def text(kind: str, count: int, counts) -> str:
        if count not in counts or count > cells.largest:
            return "—"
        cell = cells.get(kind, count, *extra)
        return f"{cells.mib(cell)} ({cell['seconds']:,.0f} s)"

    lines = [
        [what, *(text(kind, count, counts) for count in COUNTS)]
        for what, (kind, counts) in rows.items()
    ]
    heads = ["what", *(f"{count:,}" for count in COUNTS)]
    head = "MiB beyond TensorFlow, and seconds, by number of images."
    return f"{head}\n\n{table(heads, lines, len(COUNTS))}"


TABLES = {"training": training, "evaluation": evaluation, "data": data}


@dataclass
class Cells:
    """What the process of each cell reports: memory_cells.py."""

    keep: Path | None
    limit: float  # seconds of a cell of training
    largest: int
    alone: list[float] = field(default_factory=list)  # MiB of TensorFlow in the cells so far

    def get(self, *cell) -> dict | None:
        """The report of a cell; None when it was not done within the limit."""
        name = " ".join(map(str, cell))
        keep = self.keep if "/" not in name else None  # what was written to a folder is gone
        known = json.loads(keep.read_text()) if keep and keep.exists() else {}
        if name not in known:
            known[name] = self._run(cell)
            print(name, known[name], file=sys.stderr, flush=True)
            if keep:
                keep.write_text(json.dumps(known, indent=1))
        if known[name]:
            self.alone.append(known[name]["tensorflow"])
        return known[name]

    @staticmethod
    def mib(cell: dict | None) -> str:
        """Beyond TensorFlow."""
        return f"{cell['peak'] - cell['tensorflow']:,.0f}" if cell else "—"

    def _run(self, cell: tuple) -> dict | None:
        limit = self.limit if cell[0] == "training" else None
        # Threads of BLAS wait for each other where other work is going on.
        settings = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "OPENBLAS_NUM_THREADS": "1"}
        try:
            return reported(sys.executable, CELLS, *cell, timeout=limit, env=settings)
        except subprocess.TimeoutExpired:
            return None


if __name__ == "__main__":
    main()
