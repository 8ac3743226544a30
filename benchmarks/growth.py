"""How costs grow with the number of images: python benchmarks/growth.py [--keep FILE] [--write].

Processor seconds of fresh processes at 1,000, 10,000 and 100,000 images, and the exponent between
the last two that were measured: 1 where ten times as many images cost ten times as much.
"""

import math
import tempfile
from pathlib import Path

from memory import COUNTS, Cells
from memory_cells import FEWER, QUERIES, SIDE, draw_files
from pages import parser, show, table

FEW = COUNTS[:2]
ROWS = {
    f"`tfmedgan-data prepare FOLDER`, PNG of {SIDE}×{SIDE}×3": ("prepare", COUNTS),
    "one pass over what it wrote, batches of 128": ("stream", COUNTS),
    f"training: one pass of `rgan`, {SIDE}×{SIDE}×1, its start included": ("pass", FEW),
    "`evaluate` with the network `multiscale`: FID, KID, precision, recall, density, coverage": (
        "network", FEW,
    ),
    f"`evaluate` with {FEWER:,} features that cost nothing: FID, KID": ("wide", COUNTS),
    "likewise: precision, recall, density, coverage": ("pairs", FEW),
    f"check for copies of {QUERIES:,} samples, 16×16×1, against training images": ("copies", FEW),
    "a training of a study: one pass of `small-cnn`, reading and evaluation included": (
        "classifier", FEW,
    ),
}  # fmt: skip


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "numpy")
    options.add_argument("--largest", type=int, default=COUNTS[-1], help="number of images")
    options.add_argument("--keep", type=Path, help="JSON file of finished cells")
    arguments = options.parse_args()
    cells = Cells(arguments.keep, math.inf, arguments.largest)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for count in [count for count in COUNTS if count <= arguments.largest]:
            draw_files(place / f"png{count}", count)
            if count in FEW:
                for name in "ab":
                    draw_files(place / f"classes{count}" / name, count // 2)
        rows = [row(cells, what, *entry, place) for what, entry in ROWS.items()]
    heads = ("processor seconds", *(f"{count:,}" for count in COUNTS), "exponent")
    show(arguments, "growth", table(heads, rows, 4))


def row(cells: Cells, what: str, kind: str, counts: tuple[int, ...], place: Path) -> list[str]:
    more = (str(place),) if kind in ("prepare", "stream", "classifier") else ()
    counts = [count for count in counts if count <= cells.largest]
    seconds = [cells.get(kind, count, *more)["processor"] for count in counts]
    texts = [f"{value:,.1f}" for value in seconds] + ["—"] * (len(COUNTS) - len(seconds))
    exponent = math.log10(seconds[-1] / seconds[-2]) if len(seconds) > 1 else math.nan
    return [what, *texts, f"{exponent:.2f}"]


if __name__ == "__main__":
    main()
