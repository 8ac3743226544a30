"""Time and memory of an evaluation of 10,000 images of 64×64: python benchmarks/metrics_speed.py

Writes benchmarks/metrics_speed.md. Reals and fakes are drawn phantoms, 5,000 different ones and
their mirror images, so that nothing has to be downloaded.
"""

import argparse
import os
import resource
import time
from pathlib import Path

import numpy as np

LINES = ["# Time of an evaluation", ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--num", type=int, default=10_000, help="images in each set")
    num = parser.parse_args().num
    from tfmedgan.data.phantoms import draw
    from tfmedgan.evaluation import evaluate
    from tfmedgan.evaluation.metrics import select
    from tfmedgan.evaluation.metrics.fid import fid

    say(f"{num} real and {num} generated images of 64×64×1 on {os.cpu_count()} cores.")
    say("")
    started = time.perf_counter()

    def images(seed: int) -> np.ndarray:
        half = np.stack([draw("chest", i % 2, seed, i, 64) for i in range(num // 2)])
        return np.concatenate([half, half[:, :, ::-1]])

    real, fake = images(0), images(1)
    report("drawing the images", started)
    parts: dict[tuple, float] = {}

    def progress(done: int, total: int, what: str) -> None:
        parts[what, done if what == "metrics" else 0] = time.perf_counter()

    started = time.perf_counter()
    evaluate(fake, real, features="random", progress=progress)
    report("evaluate, all set metrics", started)
    for (what, done), moment in parts.items():
        name = list(select())[done - 1] if done else what
        say(f"  - {name}: {moment - started:.1f} s")
        started = moment
    cached = np.random.default_rng(0).standard_normal((2, num, 2048), np.float32)
    started = time.perf_counter()
    fid(*cached)
    report("FID alone, from features of 2,048 numbers", started)
    Path(__file__).with_suffix(".md").write_text("\n".join(LINES) + "\n")


def report(what: str, started: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    say(f"- {what}: {time.perf_counter() - started:.1f} s, peak so far {peak:.2f} GiB")


def say(line: str) -> None:
    LINES.append(line)
    print(line, flush=True)


if __name__ == "__main__":
    main()
