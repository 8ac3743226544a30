"""Classifying images with a finished run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tfmedgan.classifiers.run import ClassifierRun
from tfmedgan.data.readers import read_image
from tfmedgan.data.steps import run_steps
from tfmedgan.supervised.predictor import Predictor
from tfmedgan.supervised.run import load_network


@dataclass(frozen=True)
class Prediction:
    """Calibrated probabilities of one image."""

    image: str
    probabilities: dict[str, float]  # by class, in their order
    seconds: float  # of the network alone

    @property
    def label(self) -> str:
        return max(self.probabilities, key=self.probabilities.__getitem__)


def load_classifier(run: ClassifierRun) -> keras.Model:
    """The calibrated network of a run, images in [0, 255] → probabilities; see `load_network`."""
    import tfmedgan.classifiers.networks.parts
    import tfmedgan.models.blocks  # noqa: F401  (layers that the file may name)

    return load_network(run)


def predict_files(run: ClassifierRun, paths: Sequence[Path]) -> list[Prediction]:
    """Probabilities of image files, each on its own, after one run to warm up.

    Raises:
        InputError: for a file that cannot be read, before any is classified.
    """
    steps = run.experiment.data.steps
    images = [run_steps(read_image(path), steps) for path in paths]
    predict = Predictor(load_classifier(run))
    predict(images[0][np.newaxis])
    return [_timed(predict, run, path, image) for path, image in zip(paths, images, strict=True)]


def _timed(predict: Predictor, run: ClassifierRun, path: Path, image: np.ndarray) -> Prediction:
    started = time.perf_counter()
    (probabilities,) = predict(image[np.newaxis])
    seconds = time.perf_counter() - started
    named = zip(run.data["classes"], map(float, probabilities), strict=True)
    return Prediction(str(path), dict(named), seconds)
