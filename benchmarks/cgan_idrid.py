"""The conditional GAN on IDRiD: the toolkit beside a plain tutorial-style loop.

    python benchmarks/cgan_idrid.py --data manifest:idrid:DIR --weights FILE.keras --out DIR

Both train the networks of iut2023 §3.3.1 for the same number of generator updates,
in turn, a hundred at a time, so that a change of the machine's speed hits both.
Then FID and KID of as many samples as there are training images, with the
training labels, on the features of FILE; the floor is one half of the real
images against the other.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from tfmedgan.data.prepare import prepare
from tfmedgan.evaluation import evaluate, open_extractor
from tfmedgan.models import sampling
from tfmedgan.models.cgan import define_discriminator, define_gan, define_generator
from tfmedgan.papers import PRESETS
from tfmedgan.synthetic_png import write_png
from tfmedgan.training.callbacks import sample_grid
from tfmedgan.training.loop import batches, build

BLOCK = 100


class Plain:
    """The loop as tutorials write it: three `train_on_batch` calls an update."""

    def __init__(self, experiment, train):
        adam = {"learning_rate": 2e-4, "beta_1": 0.5}
        self.discriminator = define_discriminator()
        self.discriminator.compile(keras.optimizers.Adam(**adam), "binary_crossentropy")
        self.generator = define_generator(100)
        self.gan = define_gan(self.generator, self.discriminator)
        self.gan.compile(keras.optimizers.Adam(**adam), "binary_crossentropy")
        self.images = train.images.astype("float32") / 127.5 - 1
        self.labels = train.labels
        self.rng = np.random.default_rng(experiment.seed)
        self.half = experiment.batch_size // 2

    def advance(self, updates):
        for _ in range(updates):
            chosen = self.rng.integers(len(self.images), size=self.half)
            real = [self.images[chosen], self.labels[chosen]]
            z, labels = self._draw(self.half)
            fake = self.generator.predict_on_batch([z, labels])
            self.discriminator.trainable = True
            self.discriminator.train_on_batch(real, np.ones((self.half, 1)))
            self.discriminator.train_on_batch([fake, labels], np.zeros((self.half, 1)))
            self.discriminator.trainable = False
            inputs = self._draw(2 * self.half)
            self.gan.train_on_batch(inputs, np.ones((2 * self.half, 1)))

    def _draw(self, count):
        return [self.rng.normal(size=(count, 100)), self.rng.integers(0, 5, count)]


class Toolkit:
    """The preset, as tfmedgan-train runs it, without the files."""

    def __init__(self, experiment, data):
        self.model = build(experiment)
        self.generator = self.model.generator
        self.experiment, self.data, self.done = experiment, data, 0

    def advance(self, updates):
        dataset = batches(self.experiment, self.data, self.done)
        self.model.fit(dataset, steps_per_epoch=updates, verbose=0, shuffle=False)
        self.done += updates


def main():
    options = _options()
    extractor = open_extractor(options.weights)
    base = PRESETS["iut2023/cgan"]
    config = replace(base.data, source=options.data, allow_missing=True)
    print("| seed | arm | seconds per 100 updates | FID | KID |\n|---|---|---|---|---|")
    for seed in range(options.seeds):
        experiment = replace(base, data=config, seed=seed)
        data = prepare(config, seed)
        train = data.parts["train"]
        half = np.random.default_rng(seed).permutation(len(train))
        _row(seed, "floor: half of the reals", 0.0,
             _score(train.images[half[::2]], train.images[half[1::2]], extractor))  # fmt: skip
        keras.utils.set_random_seed(seed)
        arms = {"plain loop": Plain(experiment, train), "toolkit": Toolkit(experiment, data)}
        seconds = {name: [] for name in arms}
        for _ in range(options.updates // BLOCK):
            for name, arm in arms.items():
                started = time.perf_counter()
                arm.advance(BLOCK)
                seconds[name].append(time.perf_counter() - started)
        for name, arm in arms.items():
            fakes = sampling.sample(arm.generator, len(train), seed, train.labels)
            score = _score(fakes, train.images, extractor)
            _row(seed, name, float(np.median(seconds[name])), score)
            picture = sample_grid(arm.generator, seed, data.class_names)
            write_png(options.out / f"{name.replace(' ', '-')}-{seed}.png", picture)


def _options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--updates", type=int, default=800)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    return options


def _score(fake, real, extractor) -> dict[str, float]:
    rows = evaluate(fake, real, metrics=("fid", "kid"), features=extractor)
    return {row.metric.removesuffix(f"_{extractor.name}"): row.value for row in rows}


def _row(seed, name, seconds, score):
    print(
        f"| {seed} | {name} | {seconds:.1f} | {score['fid']:.3f} | {score['kid']:.5f} |", flush=True
    )


if __name__ == "__main__":
    main()
