"""`train` and `resume`: from an experiment to the run directory of a calibrated classifier."""

from pathlib import Path

import keras
import tensorflow as tf

from tfmedgan.classifiers import networks
from tfmedgan.classifiers.calibrated import Calibrated, calibrate
from tfmedgan.classifiers.catalogue.critic_lstm import CriticLSTMConfig
from tfmedgan.classifiers.classical import fit_last_layer
from tfmedgan.classifiers.config import ClassifierExperiment, RegressionConfig
from tfmedgan.classifiers.fitting import course
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.determinism import compute_as_written
from tfmedgan.errors import require
from tfmedgan.machine import describe_machine
from tfmedgan.run_directory import RunDirectory, TrainingDirectory, data_record
from tfmedgan.supervised.fitting import fit
from tfmedgan.supervised.run import SupervisedRun, check_parts, finish
from tfmedgan.training.continuing import require_same_images


class ClassifierRun(SupervisedRun):
    """The directory of a classifier's run."""

    kind = "ClassifierExperiment"
    experiment_type = ClassifierExperiment
    network_file = "classifier.keras"


def train(
    experiment: ClassifierExperiment,
    run_dir: Path,
    *,
    data: PreparedData | None = None,
    progress: bool = True,
) -> dict:
    """Train, calibrate, and write a new run directory.

    Args:
        data: what `prepare` made of `experiment.data`, if it is at hand.

    Returns:
        The summary: epochs, best epoch, temperature, calibration error before and after.

    Raises:
        InputError: if the data does not suit the experiment, or `run_dir` exists.
        JobError: if training diverges; the last good checkpoint stays.
    """
    data = data or prepare(experiment.data, experiment.seed)
    check(experiment, data)
    network = networks.build(experiment.network, experiment.seed)  # may refuse its weights
    run = ClassifierRun.create(run_dir, experiment, data_record(data), describe_machine())
    return _finish(run, data, network, progress)


def resume(run_dir: Path, *, progress: bool = True) -> dict:
    """Go on with a run; the result equals that of an uninterrupted one, bit for bit.

    What was done of an unfinished epoch is done again.
    """
    run = ClassifierRun.open(run_dir)
    experiment = run.experiment
    data = prepare(experiment.data, experiment.seed)
    require_same_images(run, data)
    return _finish(run, data, networks.build(experiment.network, experiment.seed), progress)


def fitted(
    experiment: ClassifierExperiment, data: PreparedData, network: keras.Model,
    run: TrainingDirectory, progress: bool = False,
) -> Calibrated:  # fmt: skip
    """The network trained on the training part and calibrated on the validation part."""
    tf.config.experimental.enable_op_determinism()
    compute_as_written()
    train_part, validation = data.parts["train"], data.parts["validation"]
    if isinstance(experiment.network, RegressionConfig):
        fit_last_layer(network, experiment, train_part)
    else:
        fit(network, course(network, experiment, train_part, validation), run, progress)
    return calibrate(network, validation)


def check(experiment: ClassifierExperiment, data: PreparedData) -> None:
    """Raise `InputError` unless the data suits the classifier."""
    source, n_classes = experiment.data.source, experiment.network.n_classes
    require(
        len(data.class_names) == n_classes,
        f"{source}: has {len(data.class_names)} classes, the network {n_classes}",
    )
    shape = data.parts["train"].images.shape[1:]
    check_parts(experiment, data, shape, "training stops and calibrates")
    network = experiment.network
    if isinstance(network, CriticLSTMConfig) and network.critic:
        _check_critic(RunDirectory.open(Path(network.critic)), data)


def _check_critic(gan: RunDirectory, data: PreparedData) -> None:
    """Refuse a critic that was trained on images of the validation or test part."""
    if _place(gan.data["source"]) != _place(data.source):
        return
    seen = set(gan.data["trained_on"])
    for part in ("test", "validation"):
        leaked = [name for name in data.parts[part].names if name in seen]
        require(
            not leaked,
            f"leak: the critic of {gan.path} was trained on {len(leaked)} images of the {part} "
            f"part, such as {', '.join(leaked[:3])}; split the images as its run did (same "
            "--classes, --fractions and --seed)",
        )


def _place(source: str) -> str:
    """A source, in whatever words its folder is named."""
    path = Path(source).expanduser()
    return str(path.resolve()) if path.exists() else source


def _finish(run: ClassifierRun, data: PreparedData, network: keras.Model, progress: bool) -> dict:
    with run.alone():
        calibrated = fitted(run.experiment, data, network, run, progress)
        return finish(run, calibrated.model, calibrated.facts)
