"""How long each classifier takes for one image: python benchmarks/classifiers.py [--write].

Each network is built with random weights, which cost the same as trained ones, at the image size
of its catalogue entry. Start-up (building, the first image, which traces the graph) is stated
apart from one image afterwards.
"""

import statistics
import time
from functools import partial

import numpy as np
from pages import parser, show, table
from turns import in_turns, timed

from tfmedgan.classifiers import CLASSIFIERS

ROUNDS = 15


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--only", nargs="+", default=list(CLASSIFIERS), choices=CLASSIFIERS)
    arguments = options.parse_args()
    imported = timed(lambda: __import__("tensorflow"))()
    note = f"Medians of {ROUNDS} images. TensorFlow itself was imported in {imported:.1f} s."
    show(arguments, "time", measured(arguments.only), note=note)


def measured(names: list[str]) -> str:
    """A row for each classifier."""
    started = {name: start(name) for name in names}
    turns = {name: timed(partial(predict, image)) for name, (predict, image, *_) in started.items()}
    seconds = in_turns(turns, ROUNDS)
    heads = ("network", "image", "parameters, million", "start-up, s", "one image, ms")
    rows = [
        (f"`{name}`", "×".join(map(str, image.shape[1:])), f"{parameters:.1f}", f"{first:.1f}",
         f"{1000 * statistics.median(seconds[name]):.0f}")
        for name, (_, image, parameters, first) in started.items()
    ]  # fmt: skip
    return table(heads, rows)


def start(name: str):
    """Build a classifier, classify one image, and say how long both took."""
    from tfmedgan.classifiers import networks
    from tfmedgan.supervised.predictor import Predictor

    config = CLASSIFIERS[name].network
    image = np.random.default_rng(0).integers(0, 256, (1, *config.image_shape)).astype(np.uint8)
    begun = time.perf_counter()
    network = critic_lstm(config) if name == "critic-lstm" else networks.build(config)
    predict = Predictor(network)
    predict(image)
    return predict, image, network.count_params() / 1e6, time.perf_counter() - begun


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


if __name__ == "__main__":
    main()
