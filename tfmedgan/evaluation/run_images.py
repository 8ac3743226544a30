"""The real images of a run: its own, in their parts, and those of runs that it started from."""

from dataclasses import replace
from pathlib import Path

from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.features import Progress
from tfmedgan.evaluation.images import ImagePool, array_pool, joined
from tfmedgan.evaluation.memorisation import MINIMUM
from tfmedgan.run_directory import RunDirectory


def prepare_again(
    run: RunDirectory, against: str | None, progress, data: PreparedData | None = None
) -> PreparedData:
    """The data of a run; `against` may name where they are now, or other data.

    Args:
        data: the run's data, if they are at hand; they are only checked then.

    Raises:
        InputError: when the data at the run's own source are not those it was trained on.
    """
    experiment = run.experiment
    config = replace(experiment.data, source=against or experiment.data.source)
    if against:
        config = replace(config, split_file="")
    data = data or prepare(config, experiment.seed, progress)
    same = data.digest == run.data["digest"]
    require(
        bool(against) or same,
        f"{config.source}: these are not the images that {run.path} was trained on (their digest "
        "differs from data.json); restore them, or evaluate with --against SOURCE",
    )
    if same and data.split.digest != run.split.digest:  # its file has changed, or is not looked at
        return prepare(config, experiment.seed, progress, split=run.split)
    return data


def training_images(run: RunDirectory, progress: Progress | None = None) -> ImagePool:
    """What the generator may have copied: its training images, at the run's own source.

    Raises:
        InputError: when they, or those of a run that it started from, have changed or are gone.
    """
    return with_former(run, pools_of(prepare_again(run, None, progress))["train"], progress)


def with_former(run: RunDirectory, training: ImagePool, progress) -> ImagePool:
    """A run's training images, then those of the runs it started from, one after the other.

    Without labels where there are others: one run's classes are not the other's.
    """
    pools = [training]
    while run.experiment.start_from:
        start = Path(run.experiment.start_from.run)
        try:
            run = RunDirectory.open(start)
            others = pools_of(prepare_again(run, None, progress))["train"]
            pools.append(replace(others, labels=None))
        except InputError as error:
            raise InputError(
                f"{error}; {start} is what the training started from, so that its images are "
                "needed for the check for copies; restore it, or go on without that check"
            ) from error
    return joined(pools, "training images") if len(pools) > 1 else training


def other_training_data(run: RunDirectory, progress) -> tuple[dict[str, ImagePool], tuple]:
    """The parts of a run's own images, where others are the reference, and its split's groups."""
    try:
        data = prepare_again(run, None, progress)
    except InputError as error:
        raise InputError(
            f"{error}; beside --against the training images are needed, for the check for copies"
        ) from error
    return pools_of(data), data.split.groups


def reference_of(parts: dict[str, ImagePool]) -> ImagePool:
    """The test part, else the validation part, else the training part; see `inputs.run_inputs`."""
    for name in ("test", "validation"):
        if name in parts and len(parts[name]) >= MINIMUM:
            return parts[name]
    return replace(parts["train"], name="training part (too few other images)")


def held_out_of(parts: dict[str, ImagePool]) -> ImagePool | None:
    """Validation and test images together: neither is seen by the generator."""
    pools = [parts[name] for name in ("validation", "test") if name in parts]
    return joined(pools, "held-out images") if pools else None


def whole(data: PreparedData, name: str) -> ImagePool:
    """All parts as one."""
    return joined([_pool(a, name) for a in data.parts.values() if len(a)], name)


def pools_of(data: PreparedData) -> dict[str, ImagePool]:
    """The parts that hold images."""
    return {name: _pool(a, f"{name} part") for name, a in data.parts.items() if len(a)}


def _pool(arrays: ImageArrays, name: str) -> ImagePool:
    return array_pool(arrays.images, name, arrays.names, arrays.labels)
