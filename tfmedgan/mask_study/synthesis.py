"""Synthetic images, with masks where their source has them: trained for, or taken as they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tfmedgan.config import DataConfig
from tfmedgan.data.masks import has_mask, masks_of, with_masks, without_mask
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.errors import require
from tfmedgan.mask_study.config import MaskStudy, PairSource
from tfmedgan.mask_study.material import generator_images
from tfmedgan.models import sampling
from tfmedgan.run_directory import RunDirectory
from tfmedgan.seeding import rng, stream_seed
from tfmedgan.training import finish


def synthesise(
    study: MaskStudy, source: PairSource, out: Path, seed: int, count: int, data: PreparedData
) -> np.ndarray:
    """Synthetic images of a source for one seed.

    Trainings that are finished are not repeated; one that was begun goes on.

    Args:
        out: the study's folder.
        count: how many are wanted; a folder may hold fewer.
        data: the study's real images, of which no test image may be known to the source.

    Returns:
        uint8 (n, height, width, channels), 2 or 4 of them where the source makes masks, too.

    Raises:
        InputError: for a source that has seen test images, or makes images of another shape.
    """
    draw = stream_seed(seed, f"synthetic/{source.name}")
    if source.experiment is not None:
        images = sampling.sample(_trained(study, source, out, seed), count, draw)
    elif (Path(source.place) / "config.json").is_file():
        images = sampling.sample(_of_run(source, data), count, draw)
    else:
        images = _of_folder(study, source, seed, count)
    _check_shape(study, source, images)
    if not has_mask(images.shape[-1]):
        return images
    return with_masks(without_mask(images), masks_of(images))  # a generated mask is cut at 0


def _trained(study: MaskStudy, source: PairSource, out: Path, seed: int):
    """The generator of a run that is trained, gone on with, or finished already."""
    assert source.experiment is not None
    number = study.generator_seed(seed)
    config, data = generator_images(study, source.experiment, out / "split.json")
    size = min(source.experiment.batch_size, len(data.parts["train"]))
    experiment = replace(source.experiment, data=config, seed=number, batch_size=size)
    place = out / "generators" / source.name.replace(", ", "-").replace(" ", "-") / f"seed-{number}"
    run = finish(experiment, place, data, progress=False)
    return sampling.load_generator(run.generator_path)


def _of_run(source: PairSource, data: PreparedData):
    """The generator of a finished run that has seen no test image of the study.

    It may have seen validation images, which choose the U-Net's best epoch and no more.
    """
    run = RunDirectory.open(Path(source.place))
    seen = sorted(set(data.parts["test"].names) & set(run.data["trained_on"]))
    require(
        not seen,
        f"leak: {source.place} was trained on {len(seen)} of the test images, such as "
        f"{', '.join(seen[:3])}; leave --fractions and --split-file out, to hold out what it did",
    )
    require(run.generator_path.is_file(), f"{source.place}: not finished; go on with --resume")
    generator = sampling.load_generator(run.generator_path)
    require(
        not sampling.is_conditional(generator),
        f"{source.place}: its generator takes labels; give one without",
    )
    return generator


def _of_folder(study: MaskStudy, source: PairSource, seed: int, count: int) -> np.ndarray:
    """Images with masks of a folder, in an order that depends on the seed."""
    whole = DataConfig(
        source=source.place, steps=study.data.steps, fractions=(1.0, 0.0, 0.0), masks=True
    )
    parts = prepare(whole, study.data_seed).parts.values()
    images = np.concatenate([part.images for part in parts if len(part)])
    return images[rng(seed, f"synthetic/{source.name}").permutation(len(images))[:count]]


def _check_shape(study: MaskStudy, source: PairSource, images: np.ndarray) -> None:
    size, made = study.unet.network.image_shape, without_mask(images).shape[1:]
    require(
        made == tuple(size),
        f"{source.name}: makes images of {made}, the U-Net takes {tuple(size)}; give "
        f"--image-size {made[0]} and --channels {made[2]}",
    )
