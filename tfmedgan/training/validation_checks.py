"""What must hold between an experiment and its data before the first step."""

from dataclasses import replace

from tfmedgan.config import FEWEST_VALIDATION_IMAGES, Experiment
from tfmedgan.data.prepare import PreparedData
from tfmedgan.errors import require


def with_classes(
    experiment: Experiment,
    class_names: tuple[str, ...],
    conditional: bool = False,
    notes: tuple[str, ...] = (),
) -> Experiment:
    """The experiment with as many classes as the data has, where its networks use labels.

    Args:
        conditional: whether networks that can do without labels shall use them.
        notes: what was not plain in the folders, which may be why there are too few classes.

    Raises:
        InputError: for networks that use no labels, and for less than two classes.
    """
    model = experiment.model
    wanted = conditional or model.conditional
    require(
        model.labels != "unused" or not conditional,
        f"--conditional: {experiment.name or model.family} uses no labels; "
        "cgan, cgan64, rgan, stylegan2 and the wgan-gp family do",
    )
    if model.labels == "unused" or not wanted:
        return experiment
    have = f"has one class, {class_names[0]}" if class_names else "has no classes"
    needs = (
        f"{experiment.name or model.family} is conditional and needs 2 or more, one subfolder of "
        "images for each"
    )
    require(len(class_names) >= 2, "; ".join([f"{experiment.data.source}: {have}", needs, *notes]))
    return replace(experiment, model=replace(model, n_classes=len(class_names)))


def check(experiment: Experiment, data: PreparedData) -> None:
    """Raise `InputError` unless the prepared data suits the experiment's networks and batches."""
    train = data.parts["train"]
    source = experiment.data.source
    require(
        experiment.batch_size <= len(train),
        f"batch of {experiment.batch_size} is larger than the data: {source} has "
        f"{len(train)} to train on; give more images or a smaller --batch-size",
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
    count = len(data.parts["validation"])
    require(
        not experiment.validation.every or count >= FEWEST_VALIDATION_IMAGES,
        f"{source}: {count} validation images; to validate needs {FEWEST_VALIDATION_IMAGES} or "
        "more, or --validate-every 0",
    )
