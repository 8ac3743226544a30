"""Images per second of exported generators beside the Keras model: python benchmarks/export.py

The generators are untrained, which does not change their speed. The candidates take turns, and
their fastest rounds are compared, which are the least disturbed ones.
"""

import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from pages import parser, show, table
from turns import in_turns

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
    options = parser(__doc__, "tensorflow", "keras", "onnxruntime", "ai-edge-litert")
    options.add_argument("--only", nargs="+", default=ARCHITECTURES)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--seconds", type=float, default=0.15, help="of each candidate in a round")
    arguments = options.parse_args()
    rows = []
    for name in arguments.only:
        for batch in BATCHES:
            speeds = measure(name, batch, arguments)
            rows.append([f"`{name}`", batch, *(f"{speeds[key]:.0f}" for key in TITLES)])
            print(*rows[-1], flush=True)
    note = f"The fastest of {arguments.rounds} rounds with turns of {arguments.seconds:g} s."
    text = table(("generator", "batch", *TITLES.values()), rows, len(TITLES))
    show(arguments, "rates", text, note=note)


def measure(name: str, batch: int, arguments) -> dict[str, float]:
    """Images per second of each candidate in its fastest round."""
    from tfmedgan import models

    generator = models.create(name).generator
    with tempfile.TemporaryDirectory() as folder:
        candidates = prepare(generator, Path(folder), batch)
        turns = {k: partial(speed, run, batch, arguments.seconds) for k, run in candidates.items()}
        rates = in_turns(turns, arguments.rounds)
    return {key: max(values) for key, values in rates.items()}


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
