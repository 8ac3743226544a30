"""The work of cells of memory.py and growth.py: python benchmarks/memory_cells.py KIND ARGUMENT …

Prints as JSON the peak of this process's resident memory, what it was when TensorFlow alone had
been imported, both in MiB, and the seconds and the processor seconds that the work took.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from turns import peak_memory

STEPS = 2
QUERIES = 1_000  # generated images where the time grows with both sets
WIDTH = 2048  # features, as of InceptionV3
FEWER = 1024  # features for FID, whose time grows with their cube
SIDE = 64  # pixels of the images that are prepared


def main() -> None:
    kind, *arguments = sys.argv[1:]
    print(json.dumps(measured(CELLS[kind], arguments)))


def measured(work, arguments: list[str]) -> dict:
    """Peak MiB of the process while `work` ran, and that of TensorFlow's import."""
    import tensorflow  # noqa: F401

    base, started, before = peak_memory(), time.perf_counter(), time.process_time()
    work(*arguments)
    return {
        "tensorflow": base,
        "peak": peak_memory(),
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - before,
    }


def train_cell(name: str, batch: str, precision: str) -> None:
    from tfmedgan.architectures import ARCHITECTURES

    experiment = replace(ARCHITECTURES[name], batch_size=int(batch), precision=precision)
    train(experiment, 64, STEPS)


def pass_cell(count: str) -> None:
    from tfmedgan.architectures import ARCHITECTURES

    experiment = ARCHITECTURES["rgan"]
    model = replace(experiment.model, image_shape=(SIDE, SIDE, 1))
    train(replace(experiment, model=model), int(count), int(count) // experiment.batch_size)


def train(experiment, count: int, steps: int) -> None:
    """Steps on so many images of noise, through the toolkit's own path."""
    from tfmedgan.data.pipeline import stream
    from tfmedgan.data.records import ImageArrays
    from tfmedgan.training.loop import build

    model = experiment.model
    images = pictures(count, model.image_shape)
    labels = np.arange(count, dtype=np.int32) % max(1, model.n_classes)
    arrays = ImageArrays(images, labels, tuple(map(str, range(count))))
    per_step = model.images_per_step(experiment.batch_size)
    batches = stream(arrays, experiment.data.steps, per_step, 0)
    build(experiment).fit(batches, epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False)


def classifier_cell(count: str, folder: str) -> None:
    """One pass of a small network over images in two folders, and its evaluation."""
    from tfmedgan.cli.classify import app

    out, images = f"{folder}/classifier{count}", f"{folder}/classes{count}"
    options = ["--network", "small-cnn", "--image-size", str(SIDE), "--epochs", "1", "--quiet"]
    app(["train", "--data", images, *options, "--out", out], standalone_mode=False)


def network_cell(count: str) -> None:
    from tfmedgan.evaluation import evaluate

    metrics = ("fid", "kid", "precision_recall", "density_coverage")
    evaluate(pictures(int(count), seed=1), pictures(int(count)), metrics)


def wide_cell(count: str) -> None:
    from tfmedgan.evaluation import evaluate

    evaluate(pictures(int(count), seed=1), pictures(int(count)), ("fid", "kid"), projection())


def pairs_cell(count: str) -> None:
    from tfmedgan.evaluation import evaluate

    metrics = ("precision_recall", "density_coverage")
    evaluate(pictures(int(count), seed=1), pictures(int(count)), metrics, projection())


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
    neighbours.balls(queries, points, np.full(len(points), WIDTH))
    neighbours.balls(points, queries, np.full(QUERIES, WIDTH))


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


def pictures(count: int, shape: tuple[int, ...] = (32, 32, 3), seed: int = 0) -> np.ndarray:
    """Different images of noise, uint8 (count, *shape)."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def vectors(count: int, width: int) -> np.ndarray:
    return np.random.default_rng(count).standard_normal((count, width), np.float32)


def draw_files(folder: Path, count: int) -> None:
    """PNG files of smooth noise, no two of them alike, in one folder."""
    import cv2

    folder.mkdir(parents=True)
    generator = np.random.default_rng(count)
    for index in range(count):
        coarse = generator.integers(0, 256, (24, 24, 3), dtype=np.uint8)
        picture = cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        cv2.imwrite(str(folder / f"{index:06d}.png"), picture)


CELLS = {
    "training": train_cell,
    "pass": pass_cell,
    "classifier": classifier_cell,
    "network": network_cell,
    "wide": wide_cell,
    "pairs": pairs_cell,
    "distances": distances_cell,
    "copies": copies_cell,
    "prepare": prepare_cell,
    "stream": stream_cell,
}


if __name__ == "__main__":
    main()
