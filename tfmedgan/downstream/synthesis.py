"""Synthetic images of a study: generators are trained for it, or what is there is taken.

Trainings that are finished are not repeated; one that was begun goes on.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.grey import are_grey
from tfmedgan.data.masks import has_mask, masks_of, with_masks, without_mask
from tfmedgan.data.prepare import PreparedData, prepare
from tfmedgan.data.steps import Grayscale, Resize, ToRGB, run_steps
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm, MaskStudy, PairSource
from tfmedgan.downstream.material import generator_images, generator_pairs
from tfmedgan.errors import require
from tfmedgan.evaluation.run_generator import generator_of
from tfmedgan.federated.runs import finish
from tfmedgan.models import sampling
from tfmedgan.models.grey import grey_generator
from tfmedgan.recipes import at_sites
from tfmedgan.run_directory import RunDirectory
from tfmedgan.seeding import rng, stream_seed
from tfmedgan.training.validation_checks import with_classes


def synthesise(
    study: DownstreamStudy, arm: GeneratorArm, out: Path, seed: int, counts: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic images, as many of each class as `counts` says, at the classifier's size.

    A conditional generator learns all classes at once, another one is trained for each class.

    Returns:
        uint8 (n, height, width, channels) and int32 labels (n,).
    """
    labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    folder = out / "generators" / arm.folder / f"seed-{seed}"
    draw = stream_seed(seed, f"synthetic/{arm.name}")
    if is_conditional(arm):
        generator = _class_generator(study, arm, out, folder, seed, None)
        images = sampling.sample(generator, len(labels), draw, labels)
    else:
        parts = []
        for label, count in enumerate(counts):
            place = folder / f"class-{label}"
            generator = _class_generator(study, arm, out, place, seed, label)
            parts.append(sampling.sample(generator, count, draw))
        images = np.concatenate(parts)
    return _sized(images, study.classifier.network.image_shape), labels


def is_conditional(arm: GeneratorArm) -> bool:
    """Whether one generator makes all classes."""
    model = arm.experiment.model
    return model.labels == "required" or model.conditional


def _trained(experiment: Experiment, place: Path, data: PreparedData):
    """The generator of a run that is trained, gone on with, or finished already."""
    run = finish(experiment, place, data, progress=False)
    return generator_of(run)


def _class_generator(study, arm: GeneratorArm, out: Path, place: Path, seed: int, label):
    """Of grey images it makes grey ones: by a tint a classifier could tell what is synthetic."""
    config, data = generator_images(study, arm, out / "split.json", label)
    generator = _trained(_experiment(arm, config, data, seed), place, data)
    return grey_generator(generator) if study.untinted and are_grey(data) else generator


def _experiment(arm: GeneratorArm, config, data: PreparedData, seed: int):
    """The arm's experiment on the study's images, for as many updates whatever their number."""
    count = len(data.parts["train"])
    experiment = replace(
        arm.experiment, data=config, seed=seed, batch_size=min(arm.experiment.batch_size, count)
    )
    if arm.updates:
        per_epoch = experiment.model.steps_per_epoch(count, experiment.batch_size)
        experiment = replace(experiment, epochs=-(-arm.updates // per_epoch))
    if federation := experiment.federation:
        sites = federation.training_sites
        require(sites, f"{arm.name}: give the number of sites, not a column that names them")
        experiment = at_sites(experiment, federation, sites, count, None)
    return with_classes(experiment, data.class_names, is_conditional(arm))


def _sized(images: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """At the classifier's size and number of channels."""
    size, _, channels = shape
    steps = (Grayscale() if channels == 1 else ToRGB(), Resize(size, aspect="stretch"))
    return np.stack([run_steps(image, steps) for image in without_mask(images)])


def synthesise_pairs(
    study: MaskStudy, source: PairSource, out: Path, seed: int, count: int, data: PreparedData
) -> np.ndarray:
    """Synthetic images of a source for one seed.

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
        images = sampling.sample(_pair_generator(study, source, out, seed), count, draw)
    elif (Path(source.place) / "config.json").is_file():
        images = sampling.sample(_of_run(source, data), count, draw)
    else:
        images = _of_folder(study, source, seed, count)
    _check_shape(study, source, images)
    if not has_mask(images.shape[-1]):
        return images
    return with_masks(without_mask(images), masks_of(images))  # a generated mask is cut at 0


def _pair_generator(study: MaskStudy, source: PairSource, out: Path, seed: int):
    assert source.experiment is not None
    number = study.generator_seed(seed)
    config, data = generator_pairs(study, source.experiment, out / "split.json")
    size = min(source.experiment.batch_size, len(data.parts["train"]))
    experiment = replace(source.experiment, data=config, seed=number, batch_size=size)
    place = out / "generators" / source.folder / f"seed-{number}"
    return _trained(experiment, place, data)


def _of_run(source: PairSource, data: PreparedData):
    """The generator of a finished run that has seen no test image of the study.

    It may have seen validation images, which choose the U-Net's best epoch and no more.
    """
    run = RunDirectory.finished(Path(source.place))
    seen = sorted(set(data.parts["test"].names) & set(run.data["trained_on"]))
    require(
        not seen,
        f"leak: {source.place} was trained on {len(seen)} of the test images, such as "
        f"{', '.join(seen[:3])}; leave --fractions and --split-file out, to hold out what it did",
    )
    generator = generator_of(run)
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
