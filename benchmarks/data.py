"""How fast data is prepared and fed: python benchmarks/data.py [--images DIR] [--write].

Four measurements, each against the plainest way of doing the same, in alternating runs on the
same machine; --write puts the table into benchmarks/data.md.

1. Reading 299×299 grey PNG files, CLAHE, 64 px, against a thread pool of OpenCV calls.
2. The same with what the toolkit adds: digest and near-duplicate fingerprint of every image.
   Both also from JPEG files.
3. Later epochs from memory, batches of 128 at 64 px.
4. 100,000 prepared 128×128×3 images streamed from disk, with the peak of resident memory.

--images names a folder of pictures to make the PNG files from; else they are drawn.
"""

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from tfmedgan.data import phantoms
from tfmedgan.data.pipeline import stream
from tfmedgan.data.readers import read_image
from tfmedgan.data.reading import BLOCK, read_set
from tfmedgan.data.records import ImageArrays
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import Clahe, Grayscale, Rescale, Resize, run_steps
from tfmedgan.data.storage import create, write_rows

STEPS = (Grayscale(), Clahe(2.0, 8), Resize(64, "stretch"), Rescale(-1, 1))
FILES, RUNS = 600, 25
LARGE, SIDE = 100_000, 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, help="folder of pictures instead of drawn ones")
    parser.add_argument("--write", action="store_true", help="write benchmarks/data.md")
    parser.add_argument("--stream-only", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stream_only:
        print(*stream_large(arguments.stream_only))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            *reading(Path(folder), "png", arguments.images),
            *reading(Path(folder), "jpg", arguments.images),
            epochs(),
            large(Path(folder)),
        ]
    table = "\n".join(("| what | plain | toolkit | ratio |", "|---|---|---|---|", *rows))
    print(table)
    if arguments.write:
        what = "pictures of a folder" if arguments.images else "drawn chests"
        Path(__file__).with_suffix(".md").write_text(report(table, what))


def reading(folder: Path, suffix: str, images: Path | None) -> list[str]:
    folder = folder / suffix
    write_files(folder, suffix, images)
    found = open_source(str(folder))
    paths = [record.location for record in found.records]

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
        "whole": lambda: read_set(found, STEPS),
    }
    rates = alternating(contestants, len(paths))
    return [
        row(f"{suffix.upper()} 299 → CLAHE → 64 px, images/s", rates["plain"], rates["toolkit"]),
        row("the same with digest and fingerprint", rates["plain"], rates["whole"]),
    ]


def epochs() -> str:
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

    rates = alternating({"plain": plain, "toolkit": toolkit}, batches * 128)
    return row("later epochs, 64 px, images/s", rates["plain"], rates["toolkit"])


def large(folder: Path) -> str:
    path = folder / "large.npy"
    store = create(path, LARGE, (SIDE, SIDE, 3))
    block = np.random.default_rng(0).integers(0, 256, (1000, SIDE, SIDE, 3), dtype=np.uint8)
    for start in range(0, LARGE, 1000):
        write_rows(store, start, np.roll(block, start, axis=0))
    command = [sys.executable, __file__, "--stream-only", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rate, peak, start = map(float, done.stdout.split())
    return (
        f"| one pass over {LARGE:,} images of {SIDE}×{SIDE}×3 from disk "
        f"({store.nbytes / 2**30:.1f} GiB) | — | {rate:,.0f} images/s, peak {peak:.0f} MiB "
        f"resident, of which {start:.0f} before the first batch | — |"
    )


def stream_large(path: Path) -> tuple[float, float, float]:
    """Images per second, and resident MiB at the peak and before streaming."""
    images = np.load(path, mmap_mode="r")
    arrays = ImageArrays(images, np.zeros(LARGE, np.int32), ("",) * LARGE)
    data = iter(stream(arrays, STEPS, 128, 0))
    before = peak_memory()
    started = time.perf_counter()
    batches = LARGE // 128
    for _ in range(batches):
        next(data)
    rate = batches * 128 / (time.perf_counter() - started)
    return rate, peak_memory(), before


def peak_memory() -> float:
    """Peak of resident memory, MiB; Linux. getrusage would count the parent's as well."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def write_files(folder: Path, suffix: str, images: Path | None) -> None:
    """FILES grey pictures of 299×299; JPEG at OpenCV's quality 95."""
    folder.mkdir()
    if images is None:
        pictures = (phantoms.draw("chest", n % 2, 0, n, 299) for n in range(FILES))
    else:
        found = open_source(str(images))
        chosen = found.records[:: max(1, len(found.records) // FILES)][:FILES]
        chain = (Grayscale(), Resize(299, "stretch"))
        pictures = (run_steps(found.read(record), chain) for record in chosen)
    for number, picture in enumerate(pictures):
        cv2.imwrite(str(folder / f"{number:04d}.{suffix}"), picture)


def alternating(contestants: dict, items: int) -> dict[str, list[float]]:
    """Items per second of each, in RUNS alternating runs after one to warm up."""
    rates = {name: [] for name in contestants}
    for turn in range(RUNS + 1):
        for name, work in contestants.items():
            started = time.perf_counter()
            work()
            if turn:
                rates[name].append(items / (time.perf_counter() - started))
    return rates


def row(what: str, plain: list[float], toolkit: list[float]) -> str:
    ratios = sorted(t / p for t, p in zip(toolkit, plain, strict=True))
    low, high = ratios[1], ratios[-2]
    return (
        f"| {what} | {statistics.median(plain):,.0f} | {statistics.median(toolkit):,.0f} | "
        f"{statistics.median(ratios):.2f} ({low:.2f}–{high:.2f}) |"
    )


def report(table: str, what: str) -> str:
    import tensorflow as tf

    versions = f"OpenCV {cv2.__version__}, TensorFlow {tf.__version__}, NumPy {np.__version__}"
    return f"""# Preparing and feeding images

`python benchmarks/data.py --write`, {datetime.date.today()}, {os.cpu_count()} cores of
{platform.machine()}, Python {platform.python_version()}, {versions}; files made from {what}.
Medians of {RUNS} alternating runs, and of their ratios, with the second lowest and second highest
ratio; other work was going on, so that the ratios say more than the rates.

{table}

The plain way is `cv2.imread`, CLAHE and `cv2.resize` in a thread pool: it notices neither damage
nor copies. The plain way of later epochs is NumPy indexing and scaling on one thread.
"""


if __name__ == "__main__":
    main()
