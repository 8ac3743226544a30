"""`train`, `resume` and `fitted`: from an experiment, or arrays, to a trained U-Net."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import keras
import tensorflow as tf

from tfmedgan.data.masks import masks_of, without_mask
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.records import ImageArrays
from tfmedgan.determinism import compute_as_written
from tfmedgan.errors import require
from tfmedgan.machine import describe_machine
from tfmedgan.models.fast_layers import plain
from tfmedgan.run_directory import data_record
from tfmedgan.segmentation import unet
from tfmedgan.segmentation.config import SegmentationExperiment
from tfmedgan.segmentation.fitting import Segmenter, course
from tfmedgan.segmentation.parts import prepared
from tfmedgan.supervised.fitting import best_epoch, fit
from tfmedgan.supervised.run import SupervisedRun, check_parts, finish
from tfmedgan.training.continuing import require_same_images
from tfmedgan.training.environment import with_precision


class SegmentationRun(SupervisedRun):
    """The directory of a U-Net's run."""

    kind = "SegmentationExperiment"
    experiment_type = SegmentationExperiment
    network_file = "unet.keras"


def train(
    experiment: SegmentationExperiment,
    run_dir: Path,
    *,
    data: PreparedData | None = None,
    progress: bool = True,
) -> dict:
    """Train and write a new run directory.

    Args:
        data: what `prepared` made of `experiment.data`, if it is at hand.

    Returns:
        The summary: epochs, best epoch, loss and Dice on the validation part.

    Raises:
        InputError: if the data does not suit the experiment, or `run_dir` exists.
        JobError: if training diverges; the last good checkpoint stays.
    """
    experiment = with_precision(experiment)
    data = data or prepared(experiment.data, experiment.seed)
    check(experiment, data)
    run = SegmentationRun.create(run_dir, experiment, data_record(data), describe_machine())
    return _finish(run, data, progress)


def resume(run_dir: Path, *, progress: bool = True) -> dict:
    """Go on with a run; the result equals that of an uninterrupted one, bit for bit.

    What was done of an unfinished epoch is done again.
    """
    run = SegmentationRun.open(run_dir)
    data = prepared(run.experiment.data, run.experiment.seed)
    require_same_images(run, data)
    return _finish(run, data, progress)


def fitted(
    experiment: SegmentationExperiment,
    train: ImageArrays,
    validation: ImageArrays,
    folder: Path | None = None,
    *,
    progress: bool = False,
    former: Segmenter | None = None,
) -> Segmenter:
    """A U-Net trained on images with masks, at its best epoch.

    Args:
        experiment: of which `seed` decides everything that is random; `data` only gives steps.
        train, validation: as `paired` makes them of arrays, or `prepare` of files.
        folder: that keeps the checkpoints and metrics.csv, so that the same call goes on after
            a kill; None: a temporary one.
        former: what an earlier call with this network, optimizer and precision returned, and that
            is no longer needed. Its network learns anew, with the same result, and is not traced
            again, which takes longer than a short training.

    Raises:
        JobError: if training diverges.
    """
    experiment = with_precision(experiment)
    tf.config.experimental.enable_op_determinism()
    compute_as_written()
    fresh = unet.build(experiment.network, experiment.seed, experiment.precision)
    segmenter = _anew(former, fresh) if former else Segmenter(fresh)
    network = segmenter.network
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory() as place:
        run = SegmentationRun(Path(place))
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        fit(network, course(network, experiment, train, validation, segmenter), run, progress)
    return segmenter


def _anew(former: Segmenter, fresh: keras.Model) -> Segmenter:
    """A trained U-Net with the weights of a fresh one, and its optimizer as it began."""
    former.network.set_weights(fresh.get_weights())
    optimizer = former.network.optimizer
    rate = float(optimizer.learning_rate)
    for variable in optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    optimizer.learning_rate = rate
    return former


def check(experiment: SegmentationExperiment, data: PreparedData) -> None:
    """Raise `InputError` unless the data suits the network."""
    images = data.parts["train"].images
    check_parts(experiment, data, without_mask(images).shape[1:], "training stops")
    require(
        masks_of(images).any(),
        f"{experiment.data.source}: all masks of the training part are empty",
    )


def _finish(run: SegmentationRun, data: PreparedData, progress: bool) -> dict:
    train, validation = data.parts["train"], data.parts["validation"]
    with run.alone():
        network = fitted(run.experiment, train, validation, run.path, progress=progress).network
        bare = keras.Model(network.inputs, network.outputs, name=network.name)  # without the loss
        history = run.history()
        best = history[best_epoch(history) - 1]
        held = {name: best[name] for name in ("val_loss", "val_dice")}
        return finish(run, plain(bare), {"validated_on": len(validation), **held})
