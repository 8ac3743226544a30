"""Images per second of exported generators beside the Keras model: python benchmarks/export.py

Writes benchmarks/export.md. The generators are untrained, which does not change their speed. The
candidates take turns, round after round, so that a busy machine disturbs all of them alike.
"""

import argparse
import os
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

ARCHITECTURES = ("cgan", "dcgan64", "wgan-gp128", "wgan-gp-lstm")
BATCHES = (1, 16, 64)
TITLES = {
    "keras": "Keras, called",
    "predict": "Keras, `predict_on_batch`",
    "latent": "SavedModel, `generate_from_latent`",
    "seed": "SavedModel, `generate`",
    "onnx": "ONNX Runtime",
    "litert": "LiteRT",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.15, help="of each candidate in a round")
    options = parser.parse_args()
    lines = [heading(options)]
    for name in ARCHITECTURES:
        for batch in BATCHES:
            speeds = measure(name, batch, options)
            cells = [f"{speeds[key]:.0f}" for key in TITLES]
            line = f"| `{name}` | {batch} | " + " | ".join(cells) + " |"
            print(line, flush=True)
            lines.append(line)
    lines += ["", footing()]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n")


def heading(options) -> str:
    packages = ("tensorflow", "keras", "onnxruntime", "ai-edge-litert")
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return (
        "# Speed of exported generators\n\n"
        f"Images per second on {os.cpu_count()} cores, the fastest of {options.rounds} rounds in "
        f"which the candidates took turns of {options.seconds:g} s; {versions}.\n\n"
        "| generator | batch | " + " | ".join(TITLES.values()) + " |\n"
        "|---|---|" + "---:|" * len(TITLES)
    )


def footing() -> str:
    return (
        "All make float32 images from latent vectors, but for `generate`, which checks the "
        "request, draws the latent vectors and rounds to uint8, too. A Keras model that is called "
        "runs layer by layer, `predict_on_batch` as one graph. LiteRT has one thread, its "
        "default.\n\n"
        f"Load average of the machine: {os.getloadavg()[1]:.1f} over five minutes; on "
        "a machine with other work, compare the columns and not the numbers with other machines."
    )


def measure(name: str, batch: int, options) -> dict[str, float]:
    """Images per second of each candidate in its fastest round, the least disturbed one."""
    from tfmedgan import models

    generator = models.create(name).generator
    with tempfile.TemporaryDirectory() as folder:
        candidates = prepare(generator, Path(folder), batch)
        for run in candidates.values():
            run()
        rounds = [
            {key: speed(run, batch, options.seconds) for key, run in candidates.items()}
            for _ in range(options.rounds)
        ]
    return {key: max(found[key] for found in rounds) for key in candidates}


def prepare(generator, folder: Path, batch: int) -> dict:
    import tensorflow as tf

    from tfmedgan.models import sampling
    from tfmedgan.serving import litert_model, onnx_model, saved_model

    classes = sampling.n_classes(generator)
    names = tuple(map(str, range(classes)))
    loaded = {}
    for module in (saved_model, onnx_model, litert_model):
        module.write(generator, folder, names, "")
        loaded[module] = module.load(folder)
    z = sampling.latent_vectors(batch, sampling.latent_dim(generator), 0).numpy()
    labels = (np.arange(batch) % classes).astype(np.int32) if classes else None
    generate = tf.saved_model.load(str(folder / "1")).signatures["generate"]
    request = {"num": tf.constant(batch), "seed": tf.constant(0, tf.int64)}
    request |= {"labels": tf.constant(labels)} if classes else {}
    return {
        "keras": lambda: sampling.apply(generator, z, labels).numpy(),
        "predict": lambda: generator.predict_on_batch(z if labels is None else [z, labels]),
        "latent": lambda: loaded[saved_model](z, labels),
        "seed": lambda: generate(**request)["images"].numpy(),
        "onnx": lambda: loaded[onnx_model](z, labels),
        "litert": lambda: loaded[litert_model](z, labels),
    }


def speed(run, batch: int, seconds: float) -> float:
    """Images per second over at least `seconds`."""
    calls, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        run()
        calls += 1
    return calls * batch / spent


if __name__ == "__main__":
    main()
