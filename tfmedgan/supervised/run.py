"""The directory of a run with labels or masks: what it begins from, and what it ends with."""

from functools import cached_property
from typing import Any, ClassVar

import keras

from tfmedgan.data.prepare import PreparedData
from tfmedgan.errors import InputError, require
from tfmedgan.files import replacing, write_json
from tfmedgan.run_directory import TrainingDirectory
from tfmedgan.supervised.experiment import SupervisedExperiment
from tfmedgan.supervised.fitting import outcome


class SupervisedRun(TrainingDirectory):
    """The directory of a classifier's or a U-Net's run."""

    experiment_type: ClassVar[type[SupervisedExperiment]]
    network_file: ClassVar[str]

    model_path = property(lambda self: self.path / self.network_file)

    @cached_property
    def experiment(self) -> Any:
        """The experiment of config.json, of the type that such runs have."""
        return self.experiment_type.from_json(self.config_text(), str(self.config_path))


def check_parts(
    experiment: SupervisedExperiment, data: PreparedData, shape: tuple[int, ...], use: str
) -> None:
    """Raise `InputError` unless there are images to train and to validate with, of that shape.

    Args:
        shape: of the images that the network would get.
        use: what is done by the validation part.
    """
    source, network = experiment.data.source, experiment.network
    for part in ("train", "validation"):
        require(
            len(data.parts[part]) > 0,
            f"{source}: the {part} part is empty; {use} by the validation part, change the split",
        )
    require(
        shape == tuple(network.image_shape),
        f"{source}: images are {shape} after the steps, the network takes {network.image_shape}",
    )


def finish(run: SupervisedRun, network: keras.Model, facts: dict) -> dict:
    """Write the trained network and summary.json, whose content is returned."""
    with replacing(run.model_path, ".keras") as temporary:
        network.save(temporary)
    summary = {**outcome(run.experiment, run.history()), **facts}
    write_json(run.summary_path, summary)
    return summary


def load_network(run: SupervisedRun) -> keras.Model:
    """The trained network of a run.

    Raises:
        InputError: when the run is not finished or its file is damaged.
    """
    path = run.model_path
    require(path.is_file(), f"{path}: missing; the run is not finished, go on with --resume")
    try:
        network = keras.saving.load_model(path, compile=False)
    except (ValueError, TypeError, KeyError, OSError) as error:
        raise InputError(
            f"{path}: damaged, or not of this Keras; train again, or restore it from a backup"
        ) from error
    require(
        tuple(network.inputs[0].shape[1:]) == tuple(run.experiment.network.image_shape),
        f"{path}: is the network of another run than config.json describes; restore it from a "
        "backup",
    )
    return network
