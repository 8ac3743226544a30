"""`train`, `resume` and `fitted`: from an experiment, or arrays, to a trained U-Net."""

import tempfile
from functools import cached_property
from pathlib import Path

import keras
import tensorflow as tf

from tfmedgan.classifiers.progress import EpochProgress
from tfmedgan.data.masks import image_channels, masks_of
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.records import ImageArrays
from tfmedgan.determinism import keep_order_of_sums
from tfmedgan.errors import require
from tfmedgan.files import replacing, write_json
from tfmedgan.machine import describe_machine
from tfmedgan.models.fast_layers import plain
from tfmedgan.run_directory import TrainingDirectory, append_row, data_record
from tfmedgan.segmentation import unet
from tfmedgan.segmentation.config import SegmentationExperiment
from tfmedgan.segmentation.fitting import Segmenter, course
from tfmedgan.segmentation.parts import prepared
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.environment import with_precision
from tfmedgan.training.fitting import fit, outcome


class SegmentationRun(TrainingDirectory):
    """The directory of a U-Net's run."""

    model_path = property(lambda self: self.path / "unet.keras")

    @cached_property
    def experiment(self) -> SegmentationExperiment:
        origin = str(self.config_path)
        return SegmentationExperiment.from_json(self.config_path.read_text(), origin)


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
    with run.alone():
        return _finish(run, data, progress)


def resume(run_dir: Path, *, progress: bool = True) -> dict:
    """Go on with a run; the result equals that of an uninterrupted one, bit for bit.

    What was done of an unfinished epoch is done again.
    """
    run = SegmentationRun.open(run_dir)
    experiment = run.experiment
    data = prepared(experiment.data, experiment.seed)
    require(
        data.digest == run.data["digest"],
        f"{experiment.data.source}: the images have changed since {run_dir} began",
    )
    with run.alone():
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
    if folder is None:
        with tempfile.TemporaryDirectory() as place:
            return fitted(
                experiment, train, validation, Path(place), progress=progress, former=former
            )
    experiment = with_precision(experiment)
    tf.config.experimental.enable_op_determinism()
    keep_order_of_sums()
    run = SegmentationRun(folder)
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    fresh = unet.build(experiment.network, experiment.seed, experiment.precision)
    segmenter = _anew(former, fresh) if former else Segmenter(fresh)
    network = segmenter.network
    store = CheckpointStore(run.checkpoints)
    position = store.last()
    run.rewind(position.epoch, position.step)
    history = run.history()
    show = EpochProgress(len(history), experiment.epochs) if progress else None
    fit(
        network, course(network, experiment, train, validation, segmenter), store, history,
        lambda epoch: append_row(run.metrics_csv, epoch), show,
    )  # fmt: skip
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
    source = experiment.data.source
    for part in ("train", "validation"):
        require(
            len(data.parts[part]) > 0,
            f"{source}: the {part} part is empty; training stops by the validation part, change "
            "the split",
        )
    images = data.parts["train"].images
    height, width, channels = images.shape[1:]
    require(
        (height, width, image_channels(channels)) == tuple(experiment.network.image_shape),
        f"{source}: images are {(height, width, image_channels(channels))} after the steps, the "
        f"network takes {experiment.network.image_shape}",
    )
    require(masks_of(images).any(), f"{source}: all masks of the training part are empty")


def _finish(run: SegmentationRun, data: PreparedData, progress: bool) -> dict:
    experiment = run.experiment
    segmenter = fitted(
        experiment, data.parts["train"], data.parts["validation"], run.path, progress=progress
    )
    network = segmenter.network
    bare = keras.Model(network.inputs, network.outputs, name=network.name)  # without the loss
    with replacing(run.model_path, ".keras") as temporary:
        plain(bare).save(temporary)
    history = run.history()
    summary = outcome(experiment, history)
    best = history[summary["best_epoch"] - 1]
    held = {name: best[name] for name in ("val_loss", "val_dice")}
    summary |= {"validated_on": len(data.parts["validation"]), **held}
    write_json(run.summary_path, summary)
    return summary
