"""What must hold between an experiment and its data before the first step."""

from dataclasses import replace

from tfmedgan.config import Experiment
from tfmedgan.errors import require


def with_classes(experiment: Experiment, class_names: tuple[str, ...]) -> Experiment:
    """The experiment with as many classes as the data has, where its networks use labels."""
    if experiment.model.labels == "unused":
        return experiment
    require(
        len(class_names) != 1 and (class_names or experiment.model.labels == "optional"),
        f"{experiment.data.source}: has {len(class_names)} class; {experiment.model.family} is "
        "conditional and needs 2 or more, one subfolder of images for each",
    )
    return replace(experiment, model=replace(experiment.model, n_classes=len(class_names)))


def check(experiment: Experiment, data) -> None:
    """Raise `InputError` unless the prepared data suits the experiment's networks and batches."""
    train = data.parts["train"]
    source = experiment.data.source
    needed = experiment.model.images_per_step(experiment.batch_size)
    require(
        max(needed, experiment.batch_size) <= len(train),
        f"batch of {max(needed, experiment.batch_size)} is larger than the data: {source} has "
        f"{len(train)} training images; give a smaller --batch-size",
    )
    shape = tuple(train.images.shape[1:])
    require(
        shape == experiment.model.image_shape,
        f"{source}: the steps deliver images of {shape}, the networks take "
        f"{experiment.model.image_shape}",
    )
    if experiment.model.conditional:
        require(
            experiment.model.n_classes == len(data.class_names),
            f"{source}: has {len(data.class_names)} classes, the networks take "
            f"{experiment.model.n_classes}",
        )
