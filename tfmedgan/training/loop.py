"""`train`, `resume` and `finish`: from an experiment to a finished run directory."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras
import tensorflow as tf

from tfmedgan import models
from tfmedgan.config import Experiment
from tfmedgan.data.pipeline import stream
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.errors import Interrupted, require
from tfmedgan.files import write_text
from tfmedgan.models import optimizers
from tfmedgan.run_directory import RunDirectory, data_record
from tfmedgan.training import callbacks as cb
from tfmedgan.training.alarms import Alarms, Diversity
from tfmedgan.training.checkpoints import CheckpointStore, Position, ReadOnlyStore
from tfmedgan.training.distribution import Distribution
from tfmedgan.training.environment import describe, record_continuation, with_precision
from tfmedgan.training.finalize import finalize
from tfmedgan.training.progress import ProgressBar
from tfmedgan.training.start_from import load_weights
from tfmedgan.training.validation import Validation
from tfmedgan.training.validation_checks import check

ONE_DEVICE = Distribution()


def train(
    experiment: Experiment,
    run_dir: Path,
    *,
    data: PreparedData | None = None,
    progress: bool = True,
    distribution: Distribution = ONE_DEVICE,
) -> list[dict]:
    """Train from the start and write a new run directory.

    Args:
        data: what `prepare` made of `experiment.data`, if it is at hand.
        distribution: of `training.distribution.distribute`, for several devices or machines.

    Returns:
        The history: one dictionary of metrics per epoch; of several workers only the chief,
        who writes the run directory, has it.

    Raises:
        InputError: if the data does not suit the experiment, or `run_dir` exists.
        JobError: if training diverges or another worker is gone; the last good checkpoint stays.
        Interrupted: after Ctrl-C; the run can be resumed.
    """
    experiment = with_precision(experiment)
    data = data or prepare(experiment.data, experiment.seed)
    check(experiment, data)
    distribution.check(experiment)
    with distribution.guarded():
        _require_agreement(distribution, experiment, data)
        run = RunDirectory(run_dir)
        if distribution.is_chief:
            environment = describe(experiment, distribution.record)
            run = RunDirectory.create(run_dir, experiment, data_record(data), environment)
        return _fit(run, experiment, data, progress, distribution)


def resume(
    run_dir: Path,
    *,
    epochs: int | None = None,
    data: PreparedData | None = None,
    progress: bool = True,
    distribution: Distribution = ONE_DEVICE,
) -> list[dict]:
    """Go on with a run, killed or finished; the result equals an uninterrupted run, bit for bit.

    With another distribution than before it equals one up to the rounding of sums.

    Args:
        epochs: a new total number of epochs, to train longer than planned.
    """
    run = RunDirectory.open(run_dir)
    experiment = run.experiment
    data = data or prepare(experiment.data, experiment.seed)
    require(
        data.digest == run.data["digest"],
        f"{experiment.data.source}: the images have changed since {run_dir} began "
        f"(digest {data.digest[:12]}, then {run.data['digest'][:12]})",
    )
    if epochs:
        experiment = replace(experiment, epochs=epochs)
    distribution.check(experiment)
    with distribution.guarded():
        _require_agreement(distribution, experiment, data)
        if epochs and distribution.is_chief:
            write_text(run.config_path, experiment.to_json())
        return _fit(run, experiment, data, progress, distribution)


def finish(
    experiment: Experiment, run_dir: Path, data: PreparedData, *, progress: bool = True
) -> RunDirectory:
    """The whole run of an experiment: found, gone on with, or begun; see `train`."""
    if not run_dir.exists():
        train(experiment, run_dir, data=data, progress=progress)
    elif not RunDirectory.open(run_dir).is_finished(experiment.epochs):
        resume(run_dir, epochs=experiment.epochs, data=data, progress=progress)
    return RunDirectory.open(run_dir)


def _require_agreement(distribution, experiment, data) -> None:
    """Raise `InputError` unless all workers train the same; folders may have other names."""
    anywhere = replace(experiment, data=replace(experiment.data, source=""))
    distribution.require_agreement(
        experiment=anywhere.to_json(), images=data.digest, TensorFlow=tf.__version__
    )


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


def _fit(run, experiment, data, progress: bool, distribution: Distribution) -> list[dict]:
    with distribution.scope():
        model = build(experiment)
    store = (CheckpointStore if distribution.is_chief else ReadOnlyStore)(run.checkpoints)
    position = store.restore(model)
    if experiment.start_from and not store.paths():
        load_weights(experiment.start_from, model)
    distribution.require_agreement(checkpoint=position)
    with distribution.stopper(run, store) as stop:
        schedule = TrainingSchedule(experiment, data, distribution, model, position, stop)
        if distribution.is_chief:
            return _lead(schedule, run, store, progress)
        return _follow(schedule, store)


def _lead(schedule: TrainingSchedule, run: RunDirectory, store: CheckpointStore, progress: bool):
    """Train, and write everything that there is to write."""
    experiment, data, position = schedule.experiment, schedule.data, schedule.position
    run.rewind(position.epoch, position.step)
    run.summary_path.unlink(missing_ok=True)  # it tells how the run ended before
    record_continuation(run, position.step, schedule.distribution.record)
    alarms = Alarms(run)
    bar = ProgressBar(experiment.epochs, schedule.steps_per_epoch, position.step, alarms)
    validation = _validation(experiment, run, store, data)
    watchers = [
        cb.StopWhenNotFinite(store),
        cb.SampleGrids(run, data.class_names, experiment.epochs, experiment.seed),
        cb.MetricsLogger(run),
        Diversity(run, data.parts["train"], experiment.epochs, experiment.seed),
        *validation,
        alarms,
        cb.Checkpoints(store),
        cb.TensorBoardLog(run, alarms),
        *([bar] if progress else []),
    ]
    try:
        schedule.run(watchers, _reason_to_stop(validation))
    except Interrupted:
        finalize(run, store, schedule.model, alarms, "on request")
        schedule.distribution.from_chief(True)
        raise
    finally:
        bar.close()
    finalize(run, store, schedule.model, alarms, _reason_to_stop(validation))
    schedule.distribution.from_chief(True)
    return run.history()


def _follow(schedule: TrainingSchedule, store: CheckpointStore) -> list[dict]:
    """Take every step that the chief takes, and leave when it has written everything."""
    try:
        schedule.run([cb.StopWhenNotFinite(store)])
    except Interrupted:
        schedule.distribution.from_chief(True)
        raise
    schedule.distribution.from_chief(True)
    return []


def _validation(experiment, run, store, data) -> list[Validation]:
    config = experiment.validation
    return [Validation(config, run, store, data, experiment.seed)] if config.every else []


def _reason_to_stop(validation: list[Validation]) -> str:
    return validation[0].reason_to_stop() if validation else ""
