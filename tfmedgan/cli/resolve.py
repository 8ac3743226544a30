"""From the options of tfmedgan-train to an `Experiment`; free of TensorFlow."""

from dataclasses import fields, replace

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AUGMENTATIONS, Experiment
from tfmedgan.data.steps import adapted
from tfmedgan.errors import require
from tfmedgan.papers import PRESETS


def base_experiment(arch: str | None, preset: str | None) -> Experiment:
    """The experiment that the other options start from."""
    require(
        (arch is None) != (preset is None),
        "give either --arch NAME or --preset NAME; --list shows the names",
    )
    return ARCHITECTURES[arch] if arch else PRESETS[preset]


def overridden(experiment: Experiment, options: dict) -> Experiment:
    """The experiment with every option that was given, found by the name of its field.

    Options belong to the experiment, its data or its model, whichever has a
    field of that name; None means not given.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if "augment" in given:
        given["augment"] = augmentation(given["augment"])
    data, model = dict(given), dict(given)
    if shape := _image_shape(experiment, given):
        model["image_shape"] = shape
        data["steps"] = adapted(experiment.data.steps, shape)
    return replace(
        experiment,
        data=_replaced(experiment.data, data),
        model=_replaced(experiment.model, model),
        validation=_validation(experiment.validation, given),
        **_fields_of(experiment, given),
    )


def _validation(former, given: dict):
    """Without validation nothing is left of a document's rules for stopping early."""
    if given.get("every") == 0:
        former = replace(former, every=0, patience=0, loss_patience=0)
        given = {name: value for name, value in given.items() if name != "every"}
    return _replaced(former, _only(given, "every", "patience"))


def augmentation(name: str):
    """What --augment stands for."""
    require(name in AUGMENTATIONS, f"--augment {name}: unknown; valid: {', '.join(AUGMENTATIONS)}")
    return AUGMENTATIONS[name]


def parse_classes(text: str | None) -> tuple[int | None, tuple[str, ...]]:
    """`--classes 5` → (5, ()); `--classes A,B` → (None, ("A", "B"))."""
    if text is None:
        return None, ()
    if text.isdigit():
        require(int(text) >= 2, f"--classes {text}: a number of classes must be 2 or more")
        return int(text), ()
    names = tuple(name.strip() for name in text.split(","))
    require(all(names), f"--classes {text}: an empty class name; give e.g. --classes A,B")
    require(len(set(names)) == len(names), f"--classes {text}: a class is named twice")
    return None, names


def check_number_of_classes(wanted: int | None, found: tuple[str, ...], source: str) -> None:
    """Raise `InputError` unless the source has as many classes as `--classes N` says."""
    names = f": {', '.join(found)}" if found else ""
    require(
        wanted is None or wanted == len(found),
        f"{source}: has {len(found)} classes{names}; --classes says {wanted}",
    )


def _image_shape(experiment: Experiment, given: dict) -> tuple[int, int, int] | None:
    if not {"image_size", "channels"} & given.keys():
        return None
    size, _, channels = experiment.model.image_shape
    size, channels = given.get("image_size", size), given.get("channels", channels)
    return (size, size, channels)


def _only(given: dict, *names: str) -> dict:
    return {name: value for name, value in given.items() if name in names}


def _replaced(part, given: dict):
    return replace(part, **_fields_of(part, given))


def _fields_of(part, given: dict) -> dict:
    own = {field.name for field in fields(part)} - {"data", "model", "validation", "name"}
    return {name: value for name, value in given.items() if name in own}
