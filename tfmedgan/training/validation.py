"""The generator beside validation images while it trains: best checkpoint, early stopping."""

import math
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.config import ValidationConfig
from tfmedgan.data.prepare import PreparedData
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.features import UNTRAINED, extract, open_extractor
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.metrics.fid import fid
from tfmedgan.evaluation.metrics.kid import kid
from tfmedgan.models import sampling
from tfmedgan.run_directory import RunDirectory
from tfmedgan.run_logs import append_row, read_rows
from tfmedgan.seeding import rng
from tfmedgan.training.checkpoints import CheckpointStore, Position

BATCH = 64
HALVINGS = 20


class Validation(keras.callbacks.Callback):
    """validation.csv: KID, FID and the validation loss; keeps the checkpoint with the best KID.

    The best is the last whose KID is the least, or above it by no more than `noise`: what these
    features cannot tell apart may still get better.

    KID and FID compare samples, with the labels of the images they are compared with, to the
    validation images. The validation loss is the discriminator's loss on both without
    augmentation and penalty; it rises when the discriminator learns the training images by heart.
    """

    def __init__(
        self,
        config: ValidationConfig,
        run: RunDirectory,
        store: CheckpointStore,
        data: PreparedData,
        seed: int,
    ):
        super().__init__()
        self.config, self.run, self.store, self.seed = config, run, store, seed
        part = data.parts["validation"]
        drawn = rng(seed, "validation").permutation(len(part))[: config.images]
        chosen = np.sort(drawn)  # not the first, which would be those of the first classes
        self.real = np.stack([part.images[i] for i in chosen])
        self.labels = part.labels[chosen]
        if config.features not in UNTRAINED:  # what may be missing or damaged is refused at once
            _ = self.extractor

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.config.every:
            return
        former = read_rows(self.run.validation_csv)
        row = {
            "epoch": epoch + 1,
            "step": self.model.steps_done,
            **self.measure(),
        }
        append_row(self.run.validation_csv, row)
        least = min((earlier[self.kid_name] for earlier in former), default=math.inf)
        if row[self.kid_name] <= least + self.noise:
            self.store.save_best(Position(row["epoch"], row["step"]), self.model)
        if self.reason_to_stop():
            self.model.stop_training = True

    def measure(self) -> dict[str, float]:
        generator = self.model.sampler
        labels = self.labels if sampling.is_conditional(generator) else None
        count = len(self.real) if labels is not None else self.config.images
        fakes = sampling.sample(generator, count, self.seed, labels)
        both = self.extractor.comparable(self.real_features, self._features(fakes, "samples"))
        return {
            self.kid_name: kid(*both),
            f"fid_{self.extractor.name}": fid(*both),
            "validation_loss": validation_loss(self.model, self.real, self.labels, fakes),
        }

    @cached_property
    def extractor(self) -> Extractor:
        """Opened at the first look at the generator, so that training begins seconds earlier."""
        return open_extractor(self.config.features)

    @cached_property
    def real_features(self) -> np.ndarray:
        return self._features(self.real, "validation images")

    @cached_property
    def noise(self) -> float:
        """Twice the standard deviation of KID between sets of as many real images as there are.

        Halves are compared, between which it varies twice as much.
        """
        (real,) = self.extractor.comparable(self.real_features)
        draws, half = rng(self.seed, "validation/noise"), len(real) // 2
        orders = [draws.permutation(len(real)) for _ in range(HALVINGS)]
        return float(np.std([kid(real[order[:half]], real[order[half:]]) for order in orders]))

    @property
    def kid_name(self) -> str:
        return f"kid_{self.extractor.name}"

    def _features(self, images: np.ndarray, name: str) -> np.ndarray:
        return extract(self.extractor, array_pool(images, name)).values

    def reason_to_stop(self) -> str:
        """Why training should end now; empty to go on."""
        rows = read_rows(self.run.validation_csv)
        if not rows:
            return ""
        limits = {
            f"fid_{self.extractor.name}": self.config.patience,
            "validation_loss": self.config.loss_patience,
        }
        for name, patience in limits.items():
            if patience and _epochs_since_best(rows, name) >= patience:
                return f"{name} has not improved for {patience} epochs"
        return ""


def validation_loss(model, real, labels, fake) -> float:
    """The discriminator's loss on images that it was not trained on.

    Args:
        real, fake: uint8 (n, H, W, C) and (m, H, W, C).
        labels: (n,) of both if conditional, which needs m = n.
    """
    scores = [_scores(model, images, labels) for images in (real, fake)]
    return float(model.comparison_loss(*scores))


def _scores(model, images, labels):
    labels = tf.convert_to_tensor(labels)
    batches = [slice(i, i + BATCH) for i in range(0, len(images), BATCH)]
    seen = (model.augmented(tf.cast(images[b], tf.float32) / 127.5 - 1) for b in batches)
    return tf.concat(
        [model.score(x, labels[b], training=False) for x, b in zip(seen, batches, strict=True)],
        axis=0,
    )


def _epochs_since_best(rows: list[dict], name: str) -> int:
    best = min(rows, key=lambda row: row[name])
    return rows[-1]["epoch"] - best["epoch"]
