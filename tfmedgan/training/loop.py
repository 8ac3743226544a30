"""The training of a run, from the position of its checkpoint to its last epoch."""

from dataclasses import dataclass
from functools import partial

import keras
import tensorflow as tf

from tfmedgan import models
from tfmedgan.config import Experiment
from tfmedgan.data.pipeline import stream
from tfmedgan.data.prepare import PreparedData
from tfmedgan.errors import Interrupted
from tfmedgan.models import optimizers
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training import callbacks as cb
from tfmedgan.training.alarms import Alarms, Diversity, similarity_of_reals
from tfmedgan.training.checkpoints import CheckpointStore, Position, ReadOnlyStore
from tfmedgan.training.distribution import Distribution
from tfmedgan.training.environment import record_continuation
from tfmedgan.training.finalize import finalize
from tfmedgan.training.progress import ProgressBar
from tfmedgan.training.start_from import load_weights
from tfmedgan.training.validation import Validation


def build(experiment: Experiment):
    """The compiled model of an experiment, with initial weights."""
    if experiment.deterministic:
        tf.config.experimental.enable_op_determinism()
    model = models.create(experiment.model, seed=experiment.seed, precision=experiment.precision)
    model.compile(
        optimizers.build(experiment.generator_optimizer),
        optimizers.build(experiment.discriminator_optimizer),
        ema=experiment.ema,
        augment=experiment.augment,
        label_fade=experiment.label_fade,
        jit_compile=experiment.jit,
    )
    return model


def batches(
    experiment: Experiment, data: PreparedData, first_step: int = 0, shares=None
) -> tf.data.Dataset:
    """Endless training batches from `first_step` on; `shares` as in `stream`."""
    per_step = experiment.model.images_per_step(experiment.batch_size)
    start, steps = first_step * per_step, experiment.data.steps
    return stream(data.parts["train"], steps, per_step, experiment.seed, start, shares)


def steps_per_epoch(experiment: Experiment, data: PreparedData) -> int:
    return experiment.model.steps_per_epoch(len(data.parts["train"]), experiment.batch_size)


@dataclass
class TrainingSchedule:
    """The steps from a position to the last epoch."""

    experiment: Experiment
    data: PreparedData
    distribution: Distribution
    model: keras.Model
    position: Position
    stop: cb.StopOnRequest

    @property
    def steps_per_epoch(self) -> int:
        return steps_per_epoch(self.experiment, self.data)

    def run(self, watchers: list, reason_to_stop: str = "") -> None:
        """Finish the epoch that was begun, if any, then the others."""
        if self.distribution.from_chief(bool(reason_to_stop)):
            return
        fit = self.distribution.fit_of(self.model, self.stop)
        watchers = [*watchers, *self.distribution.watchers(), self.stop]
        epoch, per_epoch = self.position.epoch, self.steps_per_epoch
        if begun := self.position.step % per_epoch:
            means = cb.RestoredMeans([v.numpy() for v in self.model.metrics_variables])
            fit(self._batches(self.position.step), initial_epoch=epoch, epochs=epoch + 1,
                steps_per_epoch=per_epoch - begun, callbacks=[means, *watchers])  # fmt: skip
            if self.model.stop_training:
                return
            epoch += 1
        fit(self._batches(epoch * per_epoch), initial_epoch=epoch, epochs=self.experiment.epochs,
            steps_per_epoch=per_epoch, callbacks=watchers)  # fmt: skip

    def _batches(self, first_step: int):
        make = partial(batches, self.experiment, self.data, first_step)
        return self.distribution.share(self.experiment, make)


def fit(
    run: RunDirectory,
    experiment: Experiment,
    data: PreparedData,
    progress: bool,
    distribution: Distribution,
) -> list[dict]:
    """Train on from the newest checkpoint, if there is one; the history, of the chief only.

    Workers take every step that the chief takes, and leave when it has written everything.
    """
    with distribution.scope():
        model = build(experiment)
    store = (CheckpointStore if distribution.is_chief else ReadOnlyStore)(run.checkpoints)
    position = store.restore(model)
    if experiment.start_from and not store.paths():
        load_weights(experiment.start_from, model)
    distribution.require_agreement(checkpoint=position)
    with distribution.stopper(run, store) as stop:
        schedule = TrainingSchedule(experiment, data, distribution, model, position, stop)
        try:
            if distribution.is_chief:
                _lead(schedule, run, store, progress)
            else:
                schedule.run([cb.StopWhenNotFinite(store)])
        except Interrupted:
            distribution.from_chief(True)
            raise
        distribution.from_chief(True)
    return run.history() if distribution.is_chief else []


def _lead(
    schedule: TrainingSchedule, run: RunDirectory, store: CheckpointStore, progress: bool
) -> None:
    """Train, and write everything that there is to write."""
    experiment, data, position = schedule.experiment, schedule.data, schedule.position
    seed, epochs = experiment.seed, experiment.epochs
    record_continuation(run, position.step, schedule.distribution.record)
    run.rewind(position.epoch, position.step)
    run.summary_path.unlink(missing_ok=True)  # it tells how the run ended before
    alarms = Alarms(run)
    bar = ProgressBar(epochs, schedule.steps_per_epoch, position.step, alarms)
    of_reals = similarity_of_reals(data.parts["train"], seed, experiment.model.conditional)
    config = experiment.validation
    validation = [Validation(config, run, store, data, seed)] if config.every else []
    watchers = [
        cb.StopWhenNotFinite(store),
        cb.SampleGrids(run, data.class_names, epochs, seed),
        cb.MetricsLogger(run),
        Diversity(run, of_reals, epochs, seed),
        *validation,
        alarms,
        cb.Checkpoints(store, cb.SHARE_OF_SAVING),
        cb.TensorBoardLog(run, alarms),
        *([bar] if progress else []),
    ]

    def reason_to_stop() -> str:
        return validation[0].reason_to_stop() if validation else ""

    try:
        schedule.run(watchers, reason_to_stop())
    except Interrupted:
        finalize(run, store, schedule.model, alarms, "on request")
        raise
    finally:
        bar.close()
    finalize(run, store, schedule.model, alarms, reason_to_stop())
