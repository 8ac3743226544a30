"""The recommended bundle for a few hundred images: what `--small-data` changes."""

from dataclasses import dataclass, replace

from tfmedgan.config import DiffAugment, Experiment

EMA = 0.99


@dataclass(frozen=True)
class Aids:
    """What helped one family of networks in benchmarks/quality.md, besides the average."""

    augment: DiffAugment | None
    generator_rate: float  # learning rates of Adam
    discriminator_rate: float


# Small data pays for a few hundred updates, in which faster rates are far ahead; those of a
# generator and its judge have to suit each other. Cutouts helped the DCGAN and held the WGAN-GP
# back; in every image they leave grey patches, and a contrast that varies drifts from the real one.
AIDS = {
    "dcgan64": Aids(DiffAugment(cutout_probability=0.5, contrast=0.0), 8e-4, 2e-4),
    "wgan_gp": Aids(DiffAugment(cutout=0.0), 1e-3, 3e-4),
    "cgan": Aids(None, 4e-4, 4e-4),  # it learned more slowly from augmented images
}


def with_small_data_aids(experiment: Experiment) -> Experiment:
    """The experiment with an averaged generator and the `AIDS` of its family, if it has any."""
    averaged = replace(experiment, ema=EMA)
    aids = AIDS.get(experiment.model.family)
    if aids is None:
        return averaged
    generator, discriminator = experiment.generator_optimizer, experiment.discriminator_optimizer
    return replace(
        averaged,
        augment=aids.augment,
        generator_optimizer=replace(generator, learning_rate=aids.generator_rate),
        discriminator_optimizer=replace(discriminator, learning_rate=aids.discriminator_rate),
    )
