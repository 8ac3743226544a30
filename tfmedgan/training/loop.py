"""`train` and `resume`: from an experiment to a finished run directory."""

import os
from dataclasses import replace
from pathlib import Path

import keras
import tensorflow as tf

from tfmedgan import models
from tfmedgan.config import Experiment
from tfmedgan.data.pipeline import stream
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.errors import Interrupted, require
from tfmedgan.files import write_json, write_text
from tfmedgan.models import optimizers
from tfmedgan.models.fast_layers import plain
from tfmedgan.run_directory import RunDirectory, data_record
from tfmedgan.training import callbacks as cb
from tfmedgan.training.alarms import Alarms, Diversity
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.contract import check
from tfmedgan.training.environment import describe, with_precision
from tfmedgan.training.progress import ProgressBar
from tfmedgan.training.validation import Validation


def train(
    experiment: Experiment,
    run_dir: Path,
    *,
    data: PreparedData | None = None,
    progress: bool = True,
) -> list[dict]:
    """Train from the start and write a new run directory.

    Args:
        data: what `prepare` made of `experiment.data`, if it is at hand.

    Returns:
        The history: one dictionary of metrics per epoch.

    Raises:
        InputError: if the data does not suit the experiment, or `run_dir` exists.
        JobError: if training diverges; the last good checkpoint stays.
        Interrupted: after Ctrl-C; the run can be resumed.
    """
    experiment = with_precision(experiment)
    data = data or prepare(experiment.data, experiment.seed)
    check(experiment, data)
    run = RunDirectory.create(run_dir, experiment, data_record(data), describe(experiment))
    return _fit(run, experiment, data, progress)


def resume(
    run_dir: Path,
    *,
    epochs: int | None = None,
    data: PreparedData | None = None,
    progress: bool = True,
) -> list[dict]:
    """Go on with a run, killed or finished; the result equals an uninterrupted run, bit for bit.

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
        write_text(run.config_path, experiment.to_json())
    return _fit(run, experiment, data, progress)


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
        jit_compile=experiment.jit,
    )
    return model


def batches(experiment: Experiment, data: PreparedData, first_step: int = 0) -> tf.data.Dataset:
    """Endless training batches from `first_step` on."""
    per_step = experiment.model.images_per_step(experiment.batch_size)
    start = first_step * per_step
    return stream(data.parts["train"], experiment.data.steps, per_step, experiment.seed, start)


def steps_per_epoch(experiment: Experiment, data: PreparedData) -> int:
    return experiment.model.steps_per_epoch(len(data.parts["train"]), experiment.batch_size)


def _fit(run: RunDirectory, experiment: Experiment, data: PreparedData, progress: bool):
    model = build(experiment)
    store = CheckpointStore(run.checkpoints)
    position = store.restore(model)
    run.rewind(position.epoch, position.step)
    run.summary_path.unlink(missing_ok=True)  # it tells how the run ended before
    per_epoch = steps_per_epoch(experiment, data)
    alarms = Alarms(run)
    bar = ProgressBar(experiment.epochs, per_epoch, position.step, alarms)
    validation = _validation(experiment, run, store, data)
    with cb.StopOnRequest(run, store) as stop:
        watchers = [
            cb.StopWhenNotFinite(store),
            cb.SampleGrids(run, data.class_names, experiment.epochs, experiment.seed),
            cb.Journal(run),
            Diversity(run, data.parts["train"], experiment.epochs, experiment.seed),
            *validation,
            alarms,
            cb.Checkpoints(store),
            cb.TensorBoardLog(run, alarms),
            *([bar] if progress else []),
            stop,
        ]
        try:
            if not _reason_to_stop(validation):
                _run_epochs(model, experiment, data, position, per_epoch, watchers)
        except Interrupted:
            _finish(run, store, model, alarms, "on request")
            raise
        finally:
            bar.close()
    _finish(run, store, model, alarms, _reason_to_stop(validation))
    return run.history()


def _validation(experiment, run, store, data) -> list[Validation]:
    config = experiment.validation
    return [Validation(config, run, store, data, experiment.seed)] if config.every else []


def _reason_to_stop(validation: list[Validation]) -> str:
    return validation[0].reason_to_stop() if validation else ""


def _run_epochs(model, experiment, data, position, per_epoch, watchers) -> None:
    """Finish the epoch that was begun, if any, then the others."""
    dataset = batches(experiment, data, position.step)
    epoch, begun = position.epoch, position.step % per_epoch
    options = {"verbose": 0, "shuffle": False}
    if begun:
        means = cb.RestoredMeans([v.numpy() for v in model.metrics_variables])
        rest = per_epoch - begun
        model.fit(dataset, initial_epoch=epoch, epochs=epoch + 1, steps_per_epoch=rest,
                  callbacks=[means, *watchers], **options)  # fmt: skip
        if model.stop_training:
            return
        dataset = batches(experiment, data, (epoch + 1) * per_epoch)
        epoch += 1
    model.fit(dataset, initial_epoch=epoch, epochs=experiment.epochs, steps_per_epoch=per_epoch,
              callbacks=watchers, **options)  # fmt: skip


def _finish(run, store, model, alarms, stopped: str) -> None:
    """generator.keras, the best by validation or the last, and summary.json."""
    history = run.history()
    epochs = len(history)
    best = store.restore_best(model) if store.best.exists() else None
    save_generator(model.sampler, run)
    summary = {
        "epochs": epochs,
        "steps": history[-1]["step"] if history else 0,
        "stopped": stopped or None,
        "generator": {
            "epoch": best.epoch if best else epochs,
            "chosen by": "least KID on the validation images" if best else "the end of training",
        },
        "alarms": alarms.raised,
        "metrics": history[-1] if history else {},
    }
    write_json(run.summary_path, summary)


def save_generator(generator: keras.Model, run: RunDirectory) -> None:
    """Write generator.keras, of Keras's own layers, in one step."""
    temporary = run.path / ".generator.keras"
    plain(generator).save(temporary)
    os.replace(temporary, run.generator_path)
