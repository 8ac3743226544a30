"""The options of tfmedgan-train that are about sites which share no images."""

from dataclasses import replace
from typing import TYPE_CHECKING

from tfmedgan.cli.options import refuse
from tfmedgan.cli.train_options import TrainOptions
from tfmedgan.config import Experiment, Federation
from tfmedgan.errors import require
from tfmedgan.recipes import at_sites

if TYPE_CHECKING:
    from tfmedgan.data.prepare import PreparedData


def check_options(options: TrainOptions, experiment: Experiment) -> None:
    """Refuse what means nothing with sites, or without; before any image is read.

    Raises:
        InputError: also without Flower.
    """
    if federation_of(options, experiment) is None:
        refuse(options, "without --sites there are no rounds", "rounds", "local_steps")
        return
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


def with_sites(experiment: Experiment, data: "PreparedData", options: TrainOptions) -> Experiment:
    """The experiment as a federation of the sites that the data have, if it is to be one."""
    federation = federation_of(options, experiment)
    if federation is None:
        return experiment
    if experiment.federation and (options.kimg, options.epochs) == (None, None):  # of a preset
        rounds = options.rounds or experiment.epochs
        return replace(experiment, federation=federation, epochs=rounds)
    from tfmedgan.federated.sites import divided

    sites = len(divided(federation, experiment.data, data, experiment.seed))
    images = len(data.parts["train"])
    return at_sites(experiment, federation, sites, images, options.rounds)
