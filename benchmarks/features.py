"""Do features that need no download put generators in order? KID of the same sets on each.

    python benchmarks/features.py --weights FILE.keras --samples NAME=FILE … [--write]

Beside damaged real X-rays stand the samples of generators, each a `generator.keras` or an array
(.npy, uint8 (n, 64, 64, 1)), such as those that time_to_quality.py and curves.py leave. The
trained network in FILE.keras is what the others are compared with, by Spearman's correlation.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from curves import SETS
from pages import parser, show, table
from scipy.stats import spearmanr

from tfmedgan.data.prepare import prepare
from tfmedgan.evaluation import evaluate, open_extractor
from tfmedgan.models import sampling

COUNT = 200  # images of each set
UNTRAINED = ("multiscale", "random")


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--weights", required=True)
    options.add_argument("--samples", nargs="+", default=[], metavar="NAME=FILE")
    arguments = options.parse_args()
    parts = prepare(SETS["2,000 X-rays"], 0).parts
    real, others = parts["test"].images[:COUNT], parts["validation"].images[:COUNT]
    sets = {**damaged(others), **dict(generated(arguments.samples))}
    kids: dict[str, list[float]] = {}
    for features in (*UNTRAINED, arguments.weights):
        extractor = open_extractor(features)
        kids[extractor.name] = [kid(images, real, extractor) for images in sets.values()]
    trained = list(kids)[-1]
    rows = [(name, *(f"{kids[key][row]:.3g}" for key in kids)) for row, name in enumerate(sets)]
    first = len(sets) - len(arguments.samples)
    orders = [f"{spearmanr(kids[key][first:], kids[trained][first:])[0]:.2f}" for key in kids]
    rows.append((f"**order of the generators, beside `{trained}`**", *orders))
    show(arguments, "kid", table(("set", *(f"KID, `{key}`" for key in kids)), rows, len(kids)))


def damaged(images: np.ndarray) -> dict[str, np.ndarray]:
    """Other real images, as they are and worse."""
    noise = np.random.default_rng(0).normal(0, 10, images.shape)
    blurred = [cv2.GaussianBlur(image, (0, 0), 1).reshape(image.shape) for image in images]
    weak = 128 + (images.astype(float) - 128) * 0.8
    return {
        "other real images": images,
        "blurred by one pixel": np.stack(blurred),
        "noise of 10 grey levels": np.clip(images + noise, 0, 255).astype(np.uint8),
        "four fifths of the contrast": weak.astype(np.uint8),
        "upside down": images[:, ::-1],
        "20 images again and again": images[np.arange(len(images)) % 20],
    }


def generated(samples: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    for given in samples:
        name, _, path = given.rpartition("=")
        if Path(path).suffix == ".npy":
            yield name, np.load(path)[:COUNT]
        else:
            yield name, sampling.sample(sampling.load_generator(Path(path)), COUNT, 0)


def kid(fake: np.ndarray, real: np.ndarray, extractor) -> float:
    (row,) = evaluate(fake, real, metrics=("kid",), features=extractor)
    return row.value


if __name__ == "__main__":
    main()
