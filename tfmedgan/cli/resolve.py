"""From options to an experiment, of a GAN or of a classifier; free of TensorFlow."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from tfmedgan.classifiers.config import RegressionConfig
from tfmedgan.cli.options import refuse
from tfmedgan.config import AUGMENTATIONS, DEFAULT_FEATURES
from tfmedgan.data.masks import image_channels
from tfmedgan.data.records import ImageSet
from tfmedgan.data.steps import adapted
from tfmedgan.errors import InputError, require

PARTS = ("data", "model", "network", "validation", "optimizer")
OF_STEPS = ("epochs", "patience", "batch_size", "learning_rate")  # options of training by steps
FIELDS = {"data": "source", "validate_every": "every"}  # of options that have another name


def overridden(experiment: Any, options: dict) -> Any:
    """The experiment with the options that were given, each in the field of its name.

    Args:
        experiment: an `Experiment` or a `ClassifierExperiment`.
        options: value by field of the options; None: not given.

    Raises:
        InputError: for a value that cannot be, or an option that this experiment has no field for.
    """
    values = {FIELDS.get(n, n): value for n, value in options.items() if value is not None}
    if "augment" in values:
        values["augment"] = augmentation(values["augment"])
    if values.get("every") == 0:  # no rule of a document for stopping early is left either
        values = {"patience": 0, "loss_patience": 0, **values}
    if values.get("every") and not experiment.validation.every:
        values["features"] = DEFAULT_FEATURES
    if {"image_size", "channels", "masks"} & values.keys():
        values["image_shape"] = _image_shape(experiment, values)
        values["steps"] = adapted(experiment.data.steps, values["image_shape"])
    return _overlaid(experiment, values)


def _image_shape(experiment: Any, values: dict) -> tuple[int, int, int]:
    """The shape of images that the options ask for; --channels counts those of images alone.

    A GAN makes masks as one more channel; a U-Net takes images without them.
    """
    makes = hasattr(experiment, "model")
    network = experiment.model if makes else experiment.network
    size, _, former = network.image_shape
    size = values.pop("image_size", size)
    channels = values.pop("channels", image_channels(former))
    require(channels in (1, 3), f"--channels {channels}: valid: 1 (grey), 3 (RGB)")
    masked = makes and values.get("masks", experiment.data.masks)
    return size, size, channels + int(masked)


def _overlaid(experiment: Any, values: dict) -> Any:
    """A value goes to the first that has a field of its name: the experiment, then its parts."""
    left = dict(values)
    changes = _taken(experiment, left)
    for name in PARTS:
        if part := getattr(experiment, name, None):
            changes[name] = replace(part, **_taken(part, left))
    for name in left:
        raise InputError(f"--{name.replace('_', '-')}: {experiment.name} takes none")
    return replace(experiment, **changes)


def _taken(part: Any, left: dict) -> dict:
    """What the part has fields for; it is no longer in `left` then."""
    own = {field.name for field in fields(part)} - {*PARTS}
    return {name: left.pop(name) for name in own & left.keys()}


def augmentation(name: str) -> Any:
    """What --augment stands for."""
    require(name in AUGMENTATIONS, f"--augment {name}: unknown; valid: {', '.join(AUGMENTATIONS)}")
    return AUGMENTATIONS[name]


def split_values(fractions: str | None, split_file: str | None, default: str = "") -> dict:
    """The fractions of a split, or the file that has one, as fields of a `DataConfig`.

    Raises:
        InputError: when both are given, of which one would be ignored.
    """
    require(
        not (fractions and split_file),
        "--fractions and --split-file exclude each other: the file says which image is where",
    )
    shares = fractions or default
    of_parts = {"fractions": parsed_fractions(shares)} if shares else {}
    return {"split_file": split_file or "", **of_parts}


def check_split(fractions: str | None, images: ImageSet, source: str) -> None:
    """Refuse --fractions where they would be ignored: of images with their publisher's split."""
    require(
        not fractions or not any(record.split for record in images.records),
        f"--fractions {fractions}: {source} has its publisher's split, which is kept; leave it out",
    )


def parsed_fractions(text: str) -> tuple[float, float, float]:
    """ "70:15:15" as shares that sum to 1."""
    try:
        shares = [float(share) for share in text.split(":")]
        train, validation, test = (share / sum(shares) for share in shares)
    except (ValueError, ZeroDivisionError):
        raise InputError(f"--fractions {text}: must be three numbers, as 70:15:15") from None
    require(
        train > 0 and validation >= 0 and test >= 0,
        f"--fractions {text}: the first, to train on, must be above 0, the others 0 or more",
    )
    return train, validation, 1 - train - validation if test else 0.0


def parsed_fade(text: str) -> tuple[float, float]:
    """ "40:80" as shares of the training: 0.4 and 0.8."""
    try:
        first, last = (float(percent) / 100 for percent in text.split(":"))
    except ValueError:
        first, last = 0.0, 0.0
    require(0 <= first < last <= 1, f"--fade-labels {text}: must be two percentages, as 40:80")
    return first, last


def parse_classes(text: str | None) -> tuple[int | None, tuple[str, ...]]:
    """`--classes 5` → (5, ()); `--classes A,B` → (None, ("A", "B"))."""
    if text is None:
        return None, ()
    if text.isdecimal():
        require(int(text) >= 2, f"--classes {text}: a number of classes must be 2 or more")
        return int(text), ()
    names = tuple(name.strip() for name in text.split(","))
    require(all(names), f"--classes {text}: an empty class name; give e.g. --classes A,B")
    require(len(set(names)) == len(names), f"--classes {text}: a class is named twice")
    return None, names


def folder_name(source: str | Path) -> str:
    """A name for what is made of a source: its path from here, in one word.

    So that `a/generated-0` and `b/generated-0` don't share a folder.
    """
    place = Path(source).resolve()
    here = Path.cwd()
    parts = place.relative_to(here).parts if place.is_relative_to(here) else place.parts[1:]
    return "-".join(parts) or place.name


def check_number_of_classes(wanted: int | None, present: tuple[str, ...], source: str) -> None:
    """Raise `InputError` unless the source has as many classes as `--classes N` says."""
    names = f": {', '.join(present)}" if present else ""
    require(
        wanted is None or wanted == len(present),
        f"{source}: has {len(present)} classes{names}; --classes says {wanted}",
    )


def check_images(options: Any, images: ImageSet, source: str) -> tuple[str, ...]:
    """The classes for a classifier: those that --classes names, or all.

    Raises:
        InputError: unless there are some, as many as --classes says; for --fractions of images
            that have their publisher's split.
    """
    check_split(options.fractions, images, source)
    number, names = parse_classes(options.classes)
    present = names or images.class_names
    check_number_of_classes(number, present, source)
    have = f"has one class, {present[0]}, and needs two" if present else "has no classes"
    require(len(present) >= 2, f"{source}: {have}; use one subfolder per class")
    return present


def check_steps(base: Any, options: Any) -> None:
    """Refuse options of training by steps where a regression fits the last layer."""
    if isinstance(base.network, RegressionConfig):
        refuse(options, f"{base.name} is fitted by logistic regression, without steps", *OF_STEPS)
