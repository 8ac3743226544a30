"""`train`, `resume` and `finish`: from an experiment to a finished run directory."""

from dataclasses import replace
from pathlib import Path

import tensorflow as tf

from tfmedgan.config import Experiment
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.errors import require
from tfmedgan.files import write_text
from tfmedgan.run_directory import RunDirectory, data_record
from tfmedgan.training.continuing import require_same_images, require_whole
from tfmedgan.training.distribution import Distribution
from tfmedgan.training.environment import describe, with_precision
from tfmedgan.training.loop import fit
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
    _require_one_place(experiment)
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
        with distribution.writing(run):
            return fit(run, experiment, data, progress, distribution)


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

    Raises:
        InputError: if the images have changed, the checkpoints are gone, or another process is
            training the run.
    """
    run = RunDirectory.open(run_dir)
    require_whole(run)
    experiment = run.experiment
    _require_one_place(experiment)
    data = data or prepare(experiment.data, experiment.seed)
    require_same_images(run, data)
    if epochs:
        experiment = replace(experiment, epochs=epochs)
    distribution.check(experiment)
    with distribution.guarded():
        _require_agreement(distribution, experiment, data)
        with distribution.writing(run):
            if epochs and distribution.is_chief:
                write_text(run.config_path, experiment.to_json())
            return fit(run, experiment, data, progress, distribution)


def finish(
    experiment: Experiment, run_dir: Path, data: PreparedData, *, progress: bool = True
) -> RunDirectory:
    """The whole run of an experiment: found, gone on with, or begun; see `train`."""
    if not run_dir.exists():
        train(experiment, run_dir, data=data, progress=progress)
    elif not RunDirectory.open(run_dir).is_finished(experiment.epochs):
        resume(run_dir, epochs=experiment.epochs, data=data, progress=progress)
    return RunDirectory.open(run_dir)


def _require_one_place(experiment: Experiment) -> None:
    """A federation would be trained here as if there were no sites."""
    require(experiment.federation is None, "sites are trained by tfmedgan.federated.runs")


def _require_agreement(distribution, experiment, data) -> None:
    """Raise `InputError` unless all workers train the same; folders may have other names."""
    anywhere = replace(experiment, data=replace(experiment.data, source=""))
    distribution.require_agreement(
        experiment=anywhere.to_json(), images=data.digest, TensorFlow=tf.__version__
    )
