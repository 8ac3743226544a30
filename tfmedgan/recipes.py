"""What is recommended for a few hundred images: of one's own, and what `--small-data` changes."""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

from tfmedgan.config import (
    DEFAULT_FEATURES,
    FEWEST_VALIDATION_IMAGES,
    DiffAugment,
    Experiment,
    Federation,
    ValidationConfig,
)
from tfmedgan.errors import require

EMA = 0.99
RECOMMENDED = "rgan"  # the architecture for --data alone
KIMG = 300.0  # thousands of images shown; as many as few-shot studies show (Zhao et al. 2020)
VALIDATIONS = 12  # in a training; features without a download see no late gain by which to stop
# Thousands of images shown until an X-ray has ribs and diaphragms (benchmarks/curves.md).
WORTH_A_LOOK = {"rgan": 40.0}


@dataclass(frozen=True)
class Aids:
    """What helped one family of networks in benchmarks/quality.md, besides the average."""

    augment: DiffAugment | None
    generator_rate: float  # learning rates of Adam
    discriminator_rate: float
    energy_weight: float = 0.0  # of the energy distance of batches


# Small data pays for a few hundred updates, in which faster rates are far ahead; those of a
# generator and its judge have to suit each other. Cutouts helped the DCGAN and held the WGAN-GP
# back; in every image they leave grey patches, and a contrast that varies drifts from the real one.
# The DCGAN's judge has no biases and normalises over a batch, so that it is blind to contrast, but
# for what is added: without the noise and the energy distance pictures become black and white.
AIDS = {
    "dcgan64": Aids(DiffAugment(cutout_probability=0.5, contrast=0.0, noise=0.1), 8e-4, 2e-4, 3.0),
    "wgan_gp": Aids(DiffAugment(cutout=0.0), 1e-3, 3e-4),
    "cgan": Aids(None, 4e-4, 4e-4),  # it learned more slowly from augmented images
}
FOR_FEW_IMAGES = ("rgan", "stylegan2")


def with_small_data_aids(experiment: Experiment) -> Experiment:
    """The experiment with an averaged generator and the `AIDS` of its family, if it has any.

    Raises:
        InputError: for families that were made for few images, and where nothing would change.
    """
    family = experiment.model.family
    require(
        family not in FOR_FEW_IMAGES,
        f"--small-data: {family} was made for few images and has aids of its own; leave it out",
    )
    averaged = replace(experiment, ema=EMA)
    aids = AIDS.get(family)
    if aids is None:
        require(
            averaged != experiment,
            f"--small-data: changes nothing for {family}, which is averaged already; leave it out",
        )
        return averaged
    generator, discriminator = experiment.generator_optimizer, experiment.discriminator_optimizer
    return replace(
        averaged,
        model=replace(experiment.model, energy_weight=aids.energy_weight),
        augment=aids.augment,
        generator_optimizer=replace(generator, learning_rate=aids.generator_rate),
        discriminator_optimizer=replace(discriminator, learning_rate=aids.discriminator_rate),
    )


def showing(experiment: Experiment, kimg: float, images: int) -> Experiment:
    """The experiment with as many epochs as show `kimg` thousand images, one at least.

    Raises:
        InputError: if `kimg` is not a number above 0.
    """
    require(0 < kimg < math.inf, f"--kimg {kimg:g}: must be a number above 0")
    model, batch_size = experiment.model, experiment.batch_size
    per_epoch = model.steps_per_epoch(images, batch_size) * model.images_per_step(batch_size)
    return replace(experiment, epochs=max(1, round(1000 * kimg / per_epoch)))


def at_sites(
    experiment: Experiment, federation: Federation, sites: int, images: int, rounds: int | None
) -> Experiment:
    """The experiment as a federation, which shows about as many images in all.

    Its epochs are those that it would have in one place.

    Args:
        sites: how many train.
        images: number of training images at all of them.
        rounds: of the federation, if that is decided.
    """
    model, steps = experiment.model, federation.local_steps
    central = experiment.epochs * model.steps_per_epoch(images, experiment.batch_size)
    rounds = rounds or max(1, round(central / (sites * steps)))
    first, last = (round(step * rounds * steps / central) for step in experiment.label_fade)
    return replace(
        experiment, federation=federation, epochs=rounds, label_fade=(first, last),
        validation=ValidationConfig(),
    )  # fmt: skip


def fading_labels(experiment: Experiment, shares: tuple[float, float], images: int) -> Experiment:
    """The experiment with labels that begin to count between two shares of its updates."""
    per_epoch = experiment.model.steps_per_epoch(images, experiment.batch_size)
    first, last = (round(share * per_epoch * experiment.epochs) for share in shares)
    return replace(experiment, label_fade=(first, last))


def for_own_data(
    experiment: Experiment, images: int, held_out: int, given: Collection[str]
) -> Experiment:
    """The recommended length and precision, and the best checkpoint by KID.

    Args:
        images: number of training images.
        held_out: number of validation images; too few, and none of it is watched.
        given: names of the options that the user has decided.
    """
    if "epochs" not in given:
        experiment = showing(experiment, KIMG, images)
    if "precision" not in given:
        experiment = replace(experiment, precision="auto")
    if held_out < FEWEST_VALIDATION_IMAGES or "validate_every" in given:
        return experiment
    every = max(1, experiment.epochs // VALIDATIONS)
    validation = ValidationConfig(every, DEFAULT_FEATURES)
    return replace(experiment, validation=validation)
