"""How fast data is prepared and fed: python benchmarks/data.py [--images DIR] [--write].

Four measurements, each against the plainest way of doing the same, in alternating runs on the
same machine.

1. Reading 299×299 grey PNG files, CLAHE, 64 px, against a thread pool of OpenCV calls.
2. The same with what the toolkit adds: digest and near-duplicate fingerprint of every image.
   Both also from JPEG files.
3. Later epochs from memory, batches of 128 at 64 px.
4. 100,000 prepared 128×128×3 images streamed from disk, with the peak of resident memory.

--images names a folder of pictures to make the PNG files from; else they are drawn.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from pages import parser, show, table
from turns import in_turns, peak_memory, ratio, reported, timed

from tfmedgan.data import phantoms
from tfmedgan.data.pipeline import stream
from tfmedgan.data.readers import read_image
from tfmedgan.data.reading import BLOCK, read_set
from tfmedgan.data.records import ImageArrays
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import Clahe, Grayscale, Rescale, Resize, run_steps
from tfmedgan.data.storage import create, write_rows

STEPS = (Grayscale(), Clahe(2.0, 8), Resize(64, "stretch"), Rescale(-1, 1))
FILES = 600
SIDE = 128  # pixels of the streamed images


def main() -> None:
    options = parser(__doc__, "opencv-python-headless", "tensorflow", "numpy")
    options.add_argument("--images", type=Path, help="folder of pictures instead of drawn ones")
    options.add_argument("--runs", type=int, default=25)
    options.add_argument("--large", type=int, default=100_000, help="images streamed from disk")
    options.add_argument("--stream-only", type=Path, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.stream_only:
        print(json.dumps(stream_large(arguments.stream_only)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            *reading(Path(folder), "png", arguments),
            *reading(Path(folder), "jpg", arguments),
            epochs(arguments.runs),
            large(Path(folder), arguments.large),
        ]
    what = "pictures of a folder" if arguments.images else "drawn chests"
    heads = ("what", "plain", "toolkit", "ratio")
    note = f"{arguments.runs} runs; files made from {what}."
    show(arguments, "rates", table(heads, rows), note=note)


def reading(folder: Path, suffix: str, arguments) -> list[tuple]:
    folder = folder / suffix
    write_files(folder, suffix, arguments.images)
    source = open_source(str(folder))
    paths = [record.location for record in source.records]

    def plain(path: Path) -> np.ndarray:
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        equalised = cv2.createCLAHE(2.0, (8, 8)).apply(image)
        return cv2.resize(equalised, (64, 64), interpolation=cv2.INTER_AREA)

    def toolkit(start: int) -> list[np.ndarray]:
        return [run_steps(read_image(path), STEPS) for path in paths[start : start + BLOCK]]

    def pooled(work, items) -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(work, items))

    contestants = {
        "plain": lambda: pooled(plain, paths),
        "toolkit": lambda: pooled(toolkit, range(0, len(paths), BLOCK)),  # as `read_set` does
        "whole": lambda: read_set(source, STEPS),
    }
    seconds = race(contestants, arguments.runs)
    first, second = (
        f"{suffix.upper()} 299 → CLAHE → 64 px, images/s",
        "the same with digest and fingerprint",
    )
    return [
        row(first, len(paths), seconds["plain"], seconds["toolkit"]),
        row(second, len(paths), seconds["plain"], seconds["whole"]),
    ]


def epochs(runs: int) -> tuple:
    count = 4000
    images = np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), dtype=np.uint8)
    arrays = ImageArrays(images, np.zeros(count, np.int32), tuple(map(str, range(count))))
    batches = 300
    data = iter(stream(arrays, STEPS, 128, 0))
    next(data)

    def plain() -> None:
        order = np.random.default_rng(1)
        for _ in range(batches):
            chosen = images[order.integers(0, count, 128)]
            np.asarray(chosen.astype(np.float32) * np.float32(2 / 255) - np.float32(1))

    def toolkit() -> None:
        for _ in range(batches):
            next(data)

    seconds = race({"plain": plain, "toolkit": toolkit}, runs)
    what = "later epochs, 64 px, images/s"
    return row(what, batches * 128, seconds["plain"], seconds["toolkit"])


def large(folder: Path, count: int) -> tuple:
    path = folder / "large.npy"
    store = create(path, count, (SIDE, SIDE, 3))
    block = np.random.default_rng(0).integers(0, 256, (1000, SIDE, SIDE, 3), dtype=np.uint8)
    for start in range(0, count, 1000):
        write_rows(store, start, np.roll(block, start, axis=0))
    rate, peak, start = reported(sys.executable, __file__, "--stream-only", path)
    size = f"{store.nbytes / 2**30:.1f} GiB"
    memory = f"peak {peak:.0f} MiB resident, of which {start:.0f} before the first batch"
    what = f"one pass over {count:,} images of {SIDE}×{SIDE}×3 from disk ({size})"
    return what, "—", f"{rate:,.0f} images/s, {memory}", "—"


def stream_large(path: Path) -> tuple[float, float, float]:
    """Images per second, and resident MiB at the peak and before streaming."""
    images = np.load(path, mmap_mode="r")
    arrays = ImageArrays(images, np.zeros(len(images), np.int32), ("",) * len(images))
    data = iter(stream(arrays, STEPS, 128, 0))
    before = peak_memory()
    started = time.perf_counter()
    batches = len(images) // 128
    for _ in range(batches):
        next(data)
    rate = batches * 128 / (time.perf_counter() - started)
    return rate, peak_memory(), before


def write_files(folder: Path, suffix: str, images: Path | None) -> None:
    """FILES grey pictures of 299×299; JPEG at OpenCV's quality 95."""
    folder.mkdir()
    if images is None:
        pictures = (phantoms.draw("chest", n % 2, 0, n, 299) for n in range(FILES))
    else:
        source = open_source(str(images))
        chosen = source.records[:: max(1, len(source.records) // FILES)][:FILES]
        chain = (Grayscale(), Resize(299, "stretch"))
        pictures = (run_steps(source.read(record), chain) for record in chosen)
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{number:04d}.{suffix}"), picture)


def race(contestants: dict, runs: int) -> dict[str, list[float]]:
    return in_turns({name: timed(work) for name, work in contestants.items()}, runs)


def row(what: str, items: int, plain: list[float], toolkit: list[float]) -> tuple:
    rates = (f"{items / statistics.median(seconds):,.0f}" for seconds in (plain, toolkit))
    middle, low, high = ratio(plain, toolkit, dropped=1 if len(plain) > 2 else 0)
    return what, *rates, f"{middle:.2f} ({low:.2f}–{high:.2f})"


if __name__ == "__main__":
    main()
