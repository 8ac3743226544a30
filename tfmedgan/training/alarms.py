"""Alarms while a run goes on: how alike samples are, and what the logs say."""

import keras
import numpy as np

from tfmedgan.data.masks import without_mask
from tfmedgan.data.records import ImageArrays
from tfmedgan.evaluation.log_signs import absent_sites, training_alarms
from tfmedgan.evaluation.similarity import ms_ssim
from tfmedgan.models import sampling
from tfmedgan.run_directory import RunDirectory
from tfmedgan.run_logs import append_row
from tfmedgan.seeding import rng

PAIRS = 32
FIRST_EPOCHS = 10  # in which every epoch is checked
CHECKS_PER_RUN = 50


class Diversity(keras.callbacks.Callback):
    """diversity.csv: mean MS-SSIM of pairs of samples, and of pairs of training images.

    Of conditional generators within a class, where samples should differ, too.
    """

    def __init__(self, run: RunDirectory, of_reals: float, epochs: int, seed: int):
        """
        Args:
            of_reals: what `similarity_of_reals` says of the training images.
        """
        super().__init__()
        self.run, self.seed = run, seed
        self.every = max(1, epochs // CHECKS_PER_RUN)
        self.real = of_reals

    def on_epoch_end(self, epoch, logs=None):
        if epoch < FIRST_EPOCHS or (epoch + 1) % self.every == 0:
            row = {
                "epoch": epoch + 1,
                "step": self.model.steps_done,
                "ms_ssim_fake": _similarity(*self._fake_pairs()),
                "ms_ssim_real": self.real,
            }
            append_row(self.run.diversity_csv, row)

    def _fake_pairs(self):
        generator = self.model.sampler
        classes = sampling.n_classes(generator)
        labels = np.tile(np.arange(PAIRS) % classes, 2) if classes else None
        images = without_mask(sampling.sample(generator, 2 * PAIRS, self.seed, labels))
        return images[:PAIRS], images[PAIRS:]


def similarity_of_reals(training: ImageArrays, seed: int, conditional: bool) -> float:
    """Mean MS-SSIM of random pairs of training images, drawn as those of samples are.

    Args:
        conditional: whether the generator knows classes: each class then has as many pairs.
    """
    return _similarity(*_real_pairs(training, rng(seed, "diversity"), conditional))


def _real_pairs(training: ImageArrays, generator: np.random.Generator, conditional: bool):
    """Random pairs of different training images, of one class in turn if conditional."""
    everything = np.arange(len(training))
    classes = [np.flatnonzero(training.labels == label) for label in np.unique(training.labels)]
    several = [chosen for chosen in classes if len(chosen) > 1] if conditional else []
    groups = several or [everything]
    pairs = [
        generator.choice(group, 2, replace=len(group) < 2)
        for group in (groups[place % len(groups)] for place in range(PAIRS))
    ]
    images = without_mask(training.images)
    return (np.stack([images[i] for i in chosen]) for chosen in zip(*pairs, strict=True))


def _similarity(left, right) -> float:
    return round(float(ms_ssim(left, right).mean()), 6)


class Alarms(keras.callbacks.Callback):
    """Signs in the logs so far; `raised` are all of them, `new` those of the last epoch."""

    def __init__(self, run: RunDirectory):
        super().__init__()
        self.run = run
        self.new: dict[str, str] = {}
        self.raised = self._signs()

    def on_epoch_end(self, epoch, logs=None):
        signs = self._signs()
        self.new = {name: text for name, text in signs.items() if name not in self.raised}
        self.raised = signs

    def _signs(self) -> dict[str, str]:
        return training_alarms(*self.run.logs) | absent_sites(self.run.rounds())
