"""The images of a training, and what they decide of it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tfmedgan.cli import console
from tfmedgan.cli.options import given
from tfmedgan.cli.train_options import TrainOptions
from tfmedgan.cli.train_sites import with_sites
from tfmedgan.config import FEWEST_VALIDATION_IMAGES, Experiment, ValidationConfig

if TYPE_CHECKING:
    from tfmedgan.data.prepare import PreparedData


def load(
    experiment: Experiment, options: TrainOptions, quiet: bool
) -> tuple[Experiment, "PreparedData"]:
    """Open and read the data; everything that can be wrong with it shows here."""
    from tfmedgan.cli.resolve import check_number_of_classes, overridden, parse_classes
    from tfmedgan.data.grey import are_grey
    from tfmedgan.data.prepare import opened, prepare
    from tfmedgan.training.validation_checks import check, with_classes

    number, names = parse_classes(options.classes)
    config = replace(experiment.data, classes=names or experiment.data.classes)
    images = opened(config, experiment.seed)[1]
    check_number_of_classes(number, images.class_names, config.source)
    experiment = with_classes(
        replace(experiment, data=config), images.class_names, options.conditional,
        images.card.get("notes", ()),
    )  # fmt: skip
    with console.counting(quiet) as progress:
        data = prepare(config, experiment.seed, progress=progress)
        if may_choose_channels(options) and are_grey(data):
            console.say("grey images: trained with one channel; --channels 3 for three", quiet)
            experiment = overridden(experiment, {"channels": 1})
            data = prepare(experiment.data, experiment.seed, progress=progress)
    experiment = _watched(experiment, data, options)
    check(experiment, data)
    _show_losses(data, quiet)
    return experiment, data


def _watched(experiment: Experiment, data: "PreparedData", options: TrainOptions) -> Experiment:
    """Without the validation of the run that it starts from, where too few images are left out."""
    held_out = len(data.parts["validation"])
    taken_over = options.start_from and options.validate_every is options.patience is None
    watched = bool(experiment.validation.every)
    if not (taken_over and watched and held_out < FEWEST_VALIDATION_IMAGES):
        return experiment
    console.say(
        f"{held_out} validation images are too few to watch; the last generator is kept",
        options.quiet,
    )
    return replace(experiment, validation=ValidationConfig())


def may_choose_channels(options: TrainOptions) -> bool:
    """Whether nothing says how many channels a new run on the user's images has."""
    decided = options.channels or options.preset or options.start_from or options.resume
    return bool(options.data) and not decided


def _show_losses(data: "PreparedData", quiet: bool) -> None:
    """Say which images are not trained on, and why; all of it is in data.json, too."""
    console.show_notes(data.notes, quiet)
    for name, reason in data.skipped[:5]:
        console.say(f"skipped: {name}: {reason}", quiet)
    if len(data.skipped) > 5:
        console.say(f"skipped: {len(data.skipped) - 5} more, listed in data.json", quiet)


def for_the_data(experiment: Experiment, data: "PreparedData", options: TrainOptions) -> Experiment:
    """What depends on how many images there are: the length, and how it is watched."""
    from tfmedgan.cli.resolve import parsed_fade
    from tfmedgan.recipes import fading_labels, for_own_data, showing
    from tfmedgan.training.start_from import start_from

    images, held_out = (len(data.parts[part]) for part in ("train", "validation"))
    if not (options.arch or options.preset or options.start_from):
        experiment = for_own_data(experiment, images, held_out, given(options))
    if options.kimg is not None:
        experiment = showing(experiment, options.kimg, images)
    if options.fade_labels is not None:
        experiment = fading_labels(experiment, parsed_fade(options.fade_labels), images)
    experiment = with_sites(experiment, data, options)
    start = start_from(options.start_from, experiment.model) if options.start_from else None
    return replace(experiment, start_from=start)
