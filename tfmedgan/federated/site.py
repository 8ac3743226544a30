"""One site of a federation: its images, its copy of the model, and what stays there."""

import io
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from tfmedgan.config import Experiment
from tfmedgan.data.pipeline import stream
from tfmedgan.data.records import ImageArrays
from tfmedgan.determinism import compute_as_written
from tfmedgan.errors import Diverged, InputError, JobError
from tfmedgan.federated import weights
from tfmedgan.federated.averaging import Update
from tfmedgan.files import write_bytes
from tfmedgan.seeding import stream_seed
from tfmedgan.training.checkpoints import KEPT, opened
from tfmedgan.training.loop import build


class GivenUp(JobError):
    """A site was asked to stop within a round."""


class Site:
    """Local steps from the weights that all sites share.

    What stays at a site is written after each round, named by it, and the last few are kept: when
    the federation goes on from an earlier round, so does the site.
    """

    def __init__(
        self,
        name: str,
        experiment: Experiment,
        images: ImageArrays,
        folder: Path,
        seed: int | None = None,
    ):
        """
        Args:
            images: its training images.
            folder: for what stays at the site; made if need be.
            seed: of its noise and of the order of its images; by default its own.
        """
        own = stream_seed(experiment.seed, f"site/{name}") if seed is None else seed
        self.name, self.images, self.folder = name, images, folder
        self.experiment = replace(experiment, seed=own)
        self.model = build(self.experiment)
        self._initial = weights.values(weights.local(self.model))
        self._finished: int | None = None  # the round after which the model's local state is

    def train(
        self, arrays: list[np.ndarray], number: int, given_up: Callable[[], bool] = lambda: False
    ) -> Update:
        """The local steps of round `number`, from 1.

        Args:
            arrays: values of `weights.shared`.
            given_up: asked before the first step and after each.

        Raises:
            Diverged: if they lead away from the finite numbers; the site stays as it was.
            GivenUp: if `given_up()`; likewise.
        """
        _heed(given_up)
        compute_as_written()  # this may be another thread than that which built the model
        self._go_to(number - 1)
        weights.assign(weights.shared(self.model), arrays)
        self._finished = None  # until the round is
        metrics = self._steps(given_up)
        trained = weights.values(weights.shared(self.model))
        kept = weights.values(weights.local(self.model))
        if not all(np.isfinite(array).all() for array in (*trained, *kept)):
            raise Diverged("its weights are no longer finite")
        self._save(number, kept)
        self._finished = number
        return Update(self.name, len(self.images), trained, metrics)

    def _steps(self, given_up: Callable[[], bool]) -> dict[str, float]:
        """Train; the means of the metrics."""
        experiment, model = self.experiment, self.model
        assert experiment.federation is not None, "sites belong to a federation"
        per_step = experiment.model.images_per_step(experiment.batch_size)
        start = model.steps_done * per_step
        batches = stream(self.images, experiment.data.steps, per_step, experiment.seed, start)
        history = model.fit(
            batches, steps_per_epoch=experiment.federation.local_steps, verbose=0, shuffle=False,
            callbacks=[_Watch(given_up)],
        ).history  # fmt: skip
        return {name: float(history[name][-1]) for name in model.metric_names}

    def _go_to(self, number: int) -> None:
        """Put the local state of the newest round up to `number` in place, and drop later ones."""
        for path in self._paths():
            if _number(path) > number:
                path.unlink()
        if self._finished is not None and self._finished <= number:
            return
        paths = self._paths()
        kept = self._read(paths[-1]) if paths else self._initial
        weights.assign(weights.local(self.model), kept)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("round-*.npz"))

    def _save(self, number: int, arrays: list[np.ndarray]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        np.savez(buffer, **{f"{i:04d}": array for i, array in enumerate(arrays)})  # type: ignore[arg-type]
        write_bytes(self.folder / f"round-{number:06d}.npz", buffer.getvalue())
        for old in self._paths()[:-KEPT]:
            old.unlink()

    def _read(self, path: Path) -> list[np.ndarray]:
        with opened(path) as file:
            arrays = [file[key] for key in sorted(file.files)]
        if [a.shape for a in arrays] != [a.shape for a in self._initial]:
            raise InputError(f"{path}: is of another model; name another folder for this site")
        return arrays


def _heed(given_up: Callable[[], bool]) -> None:
    if given_up():
        raise GivenUp("was asked to stop")


def _number(path: Path) -> int:
    return int(path.stem.removeprefix("round-"))


class _Watch(keras.callbacks.Callback):
    """End the local steps as soon as they are in vain."""

    def __init__(self, given_up: Callable[[], bool]):
        super().__init__()
        self.given_up = given_up

    def on_train_batch_end(self, batch, logs=None):
        _heed(self.given_up)
        for name, value in (logs or {}).items():
            if not math.isfinite(value):
                raise Diverged(f"its {name} became {float(value)}")
