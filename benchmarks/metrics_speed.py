"""Time and memory of an evaluation of 10,000 images of 64×64: python benchmarks/metrics_speed.py

Reals and fakes are drawn phantoms, 5,000 different ones and their mirror images, so that nothing
has to be downloaded.
"""

import time

import numpy as np
from pages import parser, show
from turns import peak_memory

from tfmedgan.data.phantoms import draw
from tfmedgan.evaluation import evaluate
from tfmedgan.evaluation.metrics import select
from tfmedgan.evaluation.metrics.fid import fid


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras", "scipy")
    options.add_argument("--num", type=int, default=10_000, help="images in each set")
    arguments = options.parse_args()
    sets = f"{arguments.num} real and {arguments.num} generated images of 64×64×1."
    show(arguments, "time", "\n".join(measured(arguments.num)), note=sets)


def measured(num: int):
    """Lines of a list: seconds of each part, and the peak of memory up to then."""

    def images(seed: int) -> np.ndarray:
        half = np.stack([draw("chest", i % 2, seed, i, 64) for i in range(num // 2)])
        return np.concatenate([half, half[:, :, ::-1]])

    started = time.perf_counter()
    real, fake = images(0), images(1)
    yield spent("drawing the images", started)
    parts: dict[tuple, float] = {}

    def progress(done: int, total: int, what: str) -> None:
        parts[what, done if what == "metrics" else 0] = time.perf_counter()

    started = time.perf_counter()
    evaluate(fake, real, features="random", progress=progress)
    yield spent("evaluate, all set metrics", started)
    for (what, done), moment in parts.items():
        yield f"  - {list(select())[done - 1] if done else what}: {moment - started:.1f} s"
        started = moment
    features = np.random.default_rng(0).standard_normal((2, num, 2048), np.float32)
    started = time.perf_counter()
    fid(*features)
    yield spent("FID alone, from features of 2,048 numbers", started)


def spent(what: str, started: float) -> str:
    seconds, peak = time.perf_counter() - started, peak_memory() / 1024
    return f"- {what}: {seconds:.1f} s, peak so far {peak:.2f} GiB"


if __name__ == "__main__":
    main()
