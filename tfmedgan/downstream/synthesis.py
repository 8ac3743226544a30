"""Training the generators of a study and drawing from them."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tfmedgan.data.masks import without_mask
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.steps import Grayscale, Resize, ToRGB, run_steps
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm
from tfmedgan.downstream.material import generator_images
from tfmedgan.federated.runs import finish
from tfmedgan.models import sampling
from tfmedgan.recipes import at_sites
from tfmedgan.seeding import stream_seed
from tfmedgan.training.validation_checks import with_classes


def synthesise(
    study: DownstreamStudy, arm: GeneratorArm, out: Path, seed: int, counts: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic images, as many of each class as `counts` says, at the classifier's size.

    A conditional generator learns all classes at once, another one is trained for each class.
    Trainings that are finished are not repeated; one that was begun goes on.

    Returns:
        uint8 (n, height, width, channels) and int32 labels (n,).
    """
    labels = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    folder = out / "generators" / arm.name / f"seed-{seed}"
    draw = stream_seed(seed, f"synthetic/{arm.name}")
    if is_conditional(arm):
        generator = _trained(study, arm, out, folder, seed, None)
        images = sampling.sample(generator, len(labels), draw, labels)
    else:
        parts = []
        for label, count in enumerate(counts):
            place = folder / f"class-{label}"
            generator = _trained(study, arm, out, place, seed, label)
            parts.append(sampling.sample(generator, count, draw))
        images = np.concatenate(parts)
    return _sized(images, study.classifier.network.image_shape), labels


def is_conditional(arm: GeneratorArm) -> bool:
    """Whether one generator makes all classes."""
    model = arm.experiment.model
    return model.labels == "required" or model.conditional


def _trained(study, arm: GeneratorArm, out: Path, place: Path, seed: int, label):
    """The generator of a run that is trained, gone on with, or finished already."""
    config, data = generator_images(study, arm, out / "split.json", label)
    run = finish(_experiment(arm, config, data, seed), place, data, progress=False)
    return sampling.load_generator(run.generator_path)


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
        experiment = at_sites(experiment, federation, federation.number, count, None)
    return with_classes(experiment, data.class_names, is_conditional(arm))


def _sized(images: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """At the classifier's size and number of channels."""
    size, _, channels = shape
    steps = (Grayscale() if channels == 1 else ToRGB(), Resize(size, aspect="stretch"))
    return np.stack([run_steps(image, steps) for image in without_mask(images)])
