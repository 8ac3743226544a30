"""How long each classifier takes for one image on this machine.

    python benchmarks/classifiers.py [--write] [--only NAME …]

Each network is built with random weights, which cost the same as trained ones, at the image size
of its catalogue entry. Start-up (import, building, the first image, which traces the graph) is
stated apart from the time of one image afterwards: the median of repeated calls, the networks
taken in turn so that a busy moment of the machine meets all of them.
"""

import argparse
import statistics
import time
from datetime import date
from pathlib import Path

import numpy as np

ROUNDS = 15
HEAD = """# One image, one classifier

Made by `python benchmarks/classifiers.py --write` on {date}: two processor cores ({processor}),
float32, random weights. Start-up is the time to build the network and classify a first image, after
TensorFlow itself was imported in {imported:.1f} s. Medians of {rounds} images, networks in turn.

| network | image | parameters, million | start-up, s | one image, ms |
|---|---|---|---|---|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write", action="store_true", help="write classifiers.md beside this")
    parser.add_argument("--only", nargs="+", default=[], help="names of classifiers")
    options = parser.parse_args()
    started = time.perf_counter()
    import tensorflow as tf  # noqa: F401

    imported = time.perf_counter() - started
    text = HEAD.format(
        date=date.today(), processor=processor(), imported=imported, rounds=ROUNDS
    ) + table(options.only)
    print(text)
    if options.write:
        Path(__file__).with_suffix(".md").write_text(text)


def table(only: list[str]) -> str:
    """A row for each classifier."""
    from tfmedgan.classifiers import CLASSIFIERS

    names = only or list(CLASSIFIERS)
    started = {name: start(name) for name in names}
    times = {name: [] for name in names}
    for _ in range(ROUNDS):
        for name, (predict, image, _, _) in started.items():
            begun = time.perf_counter()
            predict(image)
            times[name].append(1000 * (time.perf_counter() - begun))
    rows = []
    for name, (_, image, parameters, seconds) in started.items():
        shape = "×".join(map(str, image.shape[1:]))
        middle = statistics.median(times[name])
        rows.append(f"| `{name}` | {shape} | {parameters:.1f} | {seconds:.1f} | {middle:.0f} |")
    return "\n".join(rows) + "\n"


def start(name: str):
    """Build a classifier, classify one image, and say how long both took."""
    from tfmedgan.classifiers import CLASSIFIERS
    from tfmedgan.classifiers.predictor import Predictor

    config = CLASSIFIERS[name].network
    image = np.random.default_rng(0).integers(0, 256, (1, *config.image_shape)).astype(np.uint8)
    begun = time.perf_counter()
    network = critic_lstm(config) if name == "critic-lstm" else built(config)
    predict = Predictor(network)
    predict(image)
    seconds = time.perf_counter() - begun
    return predict, image, network.count_params() / 1e6, seconds


def built(config):
    from tfmedgan.classifiers import networks

    return networks.build(config)


def critic_lstm(config):
    """On an untrained critic of wgan-gp-lstm, as wide as a trained one."""
    import keras

    from tfmedgan import models
    from tfmedgan.classifiers.networks.critic_lstm import last_map
    from tfmedgan.classifiers.networks.parts import sequence_head

    critic = models.create("wgan-gp-lstm").critic
    features = keras.Model(critic.inputs, last_map(critic))
    inputs = keras.Input(config.image_shape)
    return keras.Model(inputs, sequence_head(features(inputs / 127.5 - 1), config))


def processor() -> str:
    from tfmedgan.machine import describe_machine

    return describe_machine()["processor"]


if __name__ == "__main__":
    main()
