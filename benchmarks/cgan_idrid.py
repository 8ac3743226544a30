"""The conditional GAN on IDRiD: the toolkit beside a plain tutorial-style loop.

    python benchmarks/cgan_idrid.py --data manifest:idrid:DIR --weights FILE.keras --out DIR

Both train the networks of iut2023 §3.3.1 for the same number of generator updates,
in turn, a hundred at a time, so that a change of the machine's speed hits both.
Then FID and KID of as many samples as there are training images, with the
training labels, on the features of FILE; the floor is one half of the real
images against the other.
"""

import statistics
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tutorials
from pages import parser, show, table
from quality import scores
from turns import in_turns, timed

from tfmedgan.data.prepare import prepare
from tfmedgan.evaluation import open_extractor
from tfmedgan.models import sampling
from tfmedgan.models.cgan import define_discriminator, define_generator
from tfmedgan.papers import PRESETS
from tfmedgan.synthetic_png import write_png
from tfmedgan.training.callbacks import sample_grid
from tfmedgan.training.loop import batches, build

BLOCK = 100  # updates of a turn
PRESET = PRESETS["iut2023/cgan"]


class Plain:
    """The loop as tutorials write it: three `train_on_batch` calls an update."""

    def __init__(self, experiment, train):
        adams = [keras.optimizers.Adam(2e-4, 0.5) for _ in range(2)]
        self.generator = define_generator(100)
        self.step = tutorials.cgan((self.generator, define_discriminator()), adams, experiment.seed)
        self.images, self.labels = train.images.astype("float32") / 127.5 - 1, train.labels
        self.rng = np.random.default_rng(experiment.seed)
        self.half = experiment.batch_size // 2

    def advance(self, updates):
        for _ in range(updates):
            chosen = self.rng.integers(len(self.images), size=self.half)
            self.step(self.images[chosen], self.labels[chosen])


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


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--data", required=True)
    options.add_argument("--weights", required=True)
    options.add_argument("--updates", type=int, default=800)
    options.add_argument("--seeds", type=int, default=1)
    options.add_argument("--out", type=Path, required=True)
    arguments = options.parse_args()
    extractor = open_extractor(arguments.weights)
    rows = [row for seed in range(arguments.seeds) for row in measured(seed, extractor, arguments)]
    heads = ("seed", "arm", "seconds per 100 updates", "FID", "KID")
    show(arguments, "scores", table(heads, rows))


def measured(seed: int, extractor, arguments):
    """A row for the floor and for each arm."""
    config = replace(PRESET.data, source=arguments.data, allow_missing=True)
    experiment, data = replace(PRESET, data=config, seed=seed), prepare(config, seed)
    train = data.parts["train"]

    def row(name: str, seconds: str, fake, real) -> tuple:
        values = scores(fake, real, extractor, arguments.out)
        return seed, name, seconds, f"{values['fid']:.3f}", f"{values['kid']:.5f}"

    half = np.random.default_rng(seed).permutation(len(train))
    floor = train.images[half[::2]], train.images[half[1::2]]
    yield row("floor: half of the reals against the other", "—", *floor)
    keras.utils.set_random_seed(seed)
    arms = {"plain loop": Plain(experiment, train), "toolkit": Toolkit(experiment, data)}
    block = min(BLOCK, arguments.updates)
    turns = {name: timed(partial(arm.advance, block)) for name, arm in arms.items()}
    seconds = in_turns(turns, arguments.updates // block, warm=False)
    for name, arm in arms.items():
        fakes = sampling.sample(arm.generator, len(train), seed, train.labels)
        middle = statistics.median(seconds[name]) * 100 / block
        yield row(name, f"{middle:.1f}", fakes, train.images)
        picture = sample_grid(arm.generator, seed, data.class_names)
        write_png(arguments.out / f"{name.replace(' ', '-')}-{seed}.png", picture)


if __name__ == "__main__":
    main()
