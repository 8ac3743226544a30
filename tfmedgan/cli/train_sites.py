"""The options of tfmedgan-train that are about sites which share no images."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfmedgan.cli.console import say, start_tensorflow
from tfmedgan.cli.options import refuse
from tfmedgan.cli.train_options import TrainOptions
from tfmedgan.config import Experiment, Federation, ValidationConfig
from tfmedgan.errors import require
from tfmedgan.recipes import at_sites

if TYPE_CHECKING:
    from tfmedgan.data.prepare import PreparedData
    from tfmedgan.federated.deployment import SuperLink


ELSEWHERE = ("superlink", "certificate")  # options of sites on other machines


def check_options(options: TrainOptions, experiment: Experiment) -> None:
    """Refuse what means nothing with sites, or without; before any image is read.

    Raises:
        InputError: also without Flower.
    """
    if federation_of(options, experiment) is None:
        refuse(options, "without --sites there are no rounds", "rounds", "local_steps", *ELSEWHERE)
        return
    if options.superlink is None:
        refuse(options, "--certificate is that of a --superlink", "certificate")
    refuse(
        options,
        "--sites: sites show each other no images for validation, and have a device each",
        "validate_every", "patience", "strategy",
    )  # fmt: skip
    require(
        options.rounds is None or (options.kimg is None and options.epochs is None),
        "--rounds, --kimg and --epochs exclude each other; give one",
    )
    rounds = options.rounds
    require(rounds is None or rounds >= 1, f"--rounds {rounds}: must be at least 1")
    from tfmedgan.federated.flower import require_flower

    require_flower()


def federation_of(options: TrainOptions, experiment: Experiment) -> Federation | None:
    """What the options say of sites, or else the experiment."""
    federation = Federation(options.sites) if options.sites is not None else experiment.federation
    if federation and options.local_steps is not None:
        return replace(federation, local_steps=options.local_steps)
    return federation


def start_elsewhere(options: TrainOptions, experiment: Experiment, out: Path) -> list[dict]:
    """Train sites that are other machines, with images that are not here; the history."""
    from tfmedgan.cli.resolve import parse_classes
    from tfmedgan.federated.deployment import train
    from tfmedgan.training.start_from import start_from
    from tfmedgan.training.validation_checks import with_classes

    refuse(
        options,
        "--superlink: the images are at the sites, and nobody here knows how many",
        "data", "kimg", "epochs", "fade_labels", "dry_run", "allow_missing", "skip_bad",
    )  # fmt: skip
    superlink = superlink_of(options)
    rounds = options.rounds or 0  # below 1 was refused before
    require(rounds, "--superlink: give --rounds, how many averages to make")
    number, names = parse_classes(options.classes)
    require(
        names or (number is None and not experiment.model.conditional and not options.conditional),
        "--superlink: name the classes, --classes A,B; the sites need the same in the same order",
    )
    data = replace(experiment.data, classes=names, source="", split_file="")
    experiment = with_classes(replace(experiment, data=data), names, options.conditional)
    start = start_from(options.start_from, experiment.model) if options.start_from else None
    start_tensorflow()
    experiment = replace(
        experiment, federation=federation_of(options, experiment), epochs=rounds,
        start_from=start, validation=ValidationConfig(),
    )  # fmt: skip
    return train(experiment, out, superlink, lambda line: say(line, options.quiet))


def go_on_elsewhere(options: TrainOptions, path: Path) -> list[dict]:
    """Go on with a run of `start_elsewhere`."""
    from tfmedgan.federated.deployment import resume

    require(
        options.superlink is not None,
        f"{path}: its images are at the sites; give --superlink HOST:PORT, where they connect",
    )
    return resume(
        path, options.rounds, superlink_of(options), lambda line: say(line, options.quiet)
    )


def superlink_of(options: TrainOptions) -> "SuperLink":
    from tfmedgan.federated.deployment import SuperLink

    return SuperLink(str(options.superlink), str(options.certificate or ""))


def with_sites(experiment: Experiment, data: "PreparedData", options: TrainOptions) -> Experiment:
    """The experiment as a federation of the sites that the data have, if it is to be one."""
    federation = federation_of(options, experiment)
    if federation is None:
        return experiment
    from tfmedgan.federated.sites import divided, require_enough

    sites = divided(federation, experiment.data, data, experiment.seed)
    require_enough(sites, experiment.batch_size)
    images = len(data.parts["train"])
    return at_sites(experiment, federation, len(sites), images, options.rounds)
