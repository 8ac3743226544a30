"""The images of a study: real ones with one split for everything, synthetic ones, and no leak."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.marks import require_real
from tfmedgan.data.masks import has_mask, without_mask
from tfmedgan.data.prepare import PreparedData, opened, prepare
from tfmedgan.data.records import ImageArrays, Progress
from tfmedgan.data.split_file import PARTS, Split
from tfmedgan.data.steps import Rescale, adapted
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm, MaskStudy
from tfmedgan.errors import require
from tfmedgan.evaluation.neighbours import nearest
from tfmedgan.seeding import rng
from tfmedgan.segmentation.parts import prepared
from tfmedgan.segmentation.run import check

CLOSEST = 3.0  # grey levels, root mean square: what encoding a picture anew changes
FEWEST_TESTED = 2  # images with masks


def real_images(study: DownstreamStudy, split_path: Path, progress: Progress | None = None):
    """The real images for a classifier; writes the study's split on the first call.

    Raises:
        InputError: for synthetic images among them, a split that leaks, too few images.
    """
    data = _divided(study, split_path, _subsampled, progress)
    _check(study, data)
    return _shuffled(study, data)


def real_pairs(study: MaskStudy, split_path: Path, progress: Progress | None = None):
    """The same of real images with their masks.

    Near-duplicates and images of one patient or one mask are on one side of the split.
    """
    data = _divided(study, split_path, _held_out, progress)
    check(study.unet, data)
    tested = len(data.parts["test"])
    require(
        tested >= FEWEST_TESTED,
        f"{study.data.source}: {tested} test images with masks; a study needs at least "
        f"{FEWEST_TESTED}, change the split",
    )
    return data


def generator_images(
    study: DownstreamStudy, arm: GeneratorArm, split_path: Path, label: int | None
) -> tuple[DataConfig, PreparedData]:
    """What a generator learns from: the same split, at its own size; one class, or all.

    The split's parts for validation and test are in it as always; training sees `train` only.
    """
    config = _generator_config(study, arm.experiment.model.image_shape, split_path)
    data = _shuffled(study, prepare(config, study.data_seed))
    if label is None:
        return config, data
    return replace(config, classes=(data.class_names[label],)), _of_class(data, label)


def generator_pairs(
    study: MaskStudy, experiment: Experiment, split_path: Path
) -> tuple[DataConfig, PreparedData]:
    """What a generator learns from: the training part of the same split, with masks or without."""
    shape = experiment.model.image_shape
    config = replace(_generator_config(study, shape, split_path), masks=has_mask(shape[2]))
    return config, prepare(config, study.data_seed)


def with_split(config: DataConfig, split_path: Path) -> DataConfig:
    return replace(config, split_file=str(split_path), images=None)


def require_disjoint(test: ImageArrays, images: np.ndarray, origin: str) -> None:
    """Refuse synthetic images of which one is a test image under another name; masks do not count.

    Raises:
        InputError: naming the pair.
    """
    reals, images = without_mask(test.images), without_mask(images)
    apart, partners = nearest(reals.reshape(len(test), -1), images.reshape(len(images), -1))
    row = int(apart[:, 0].argmin())
    distance = apart[row, 0] / np.sqrt(reals[0].size)
    require(
        distance > CLOSEST,
        f"leak: test image {test.names[row]} and training image {partners[row, 0]} of {origin} "
        f"differ by {distance:.1f} grey levels; test images must be real and seen by no generator",
    )


def synthetic_arrays(images: np.ndarray, labels: np.ndarray) -> ImageArrays:
    """Synthetic images, which are named so."""
    names = tuple(f"synthetic/{index:06d}" for index in range(len(labels)))
    return ImageArrays(images, labels, names)


def joined(first: ImageArrays, second: ImageArrays) -> ImageArrays:
    return ImageArrays(
        np.concatenate([first.images, second.images]),
        np.concatenate([first.labels, second.labels]),
        (*first.names, *second.names),
    )


def _divided(
    study: Any, split_path: Path, new_split: Callable[[Any, Any], Split], progress: Progress | None
) -> PreparedData:
    """The real images as the study's split has them."""
    if not split_path.exists():
        _, images = opened(study.data, study.data_seed)
        require_real(images)
        new_split(study, progress).write(split_path)
    return prepare(with_split(study.data, split_path), study.data_seed, progress)


def _subsampled(study: DownstreamStudy, progress: Progress | None) -> Split:
    """The split with only so many training images of each subsampled class."""
    data = prepare(study.data, study.data_seed, progress)
    train = data.parts["train"]
    kept = np.ones(len(train), bool)
    for name, count in study.subsample:
        require(
            name in data.class_names,
            f"subsample: no class {name}; there are: {', '.join(data.class_names)}",
        )
        members = np.flatnonzero(train.labels == data.class_names.index(name))
        order = rng(study.data_seed, f"scarce/{name}").permutation(len(members))
        kept[members[order[count:]]] = False
    names = tuple(name for name, keep in zip(train.names, kept, strict=True) if keep)
    return replace(data.split, train=names)


def _held_out(study: MaskStudy, progress: Progress | None) -> Split:
    data = prepared(study.data, study.data_seed, progress)
    train, validation, test = (data.parts[part].names for part in PARTS)
    return replace(data.split, train=train, validation=validation, test=test)


def _check(study: DownstreamStudy, data: PreparedData) -> None:
    """Raise `InputError` unless every part has images of every class."""
    for part in PARTS:
        counts = Counter(data.parts[part].labels.tolist())
        for label, name in enumerate(data.class_names):
            least = 1 if part == "validation" else 2
            require(
                counts[label] >= least,
                f"{study.data.source}: {counts[label]} images of {name} in the {part} part; "
                f"a study needs at least {least}, change the split",
            )


def _shuffled(study: DownstreamStudy, data: PreparedData) -> PreparedData:
    """The labels of each part dealt out anew, if the study says so."""
    if not study.shuffle_labels:
        return data
    parts = {}
    for part, arrays in data.parts.items():
        order = rng(study.data_seed, f"shuffled labels/{part}").permutation(len(arrays))
        parts[part] = replace(arrays, labels=arrays.labels[order])
    return replace(data, parts=parts)


def _generator_config(study: Any, shape: tuple[int, int, int], split_path: Path) -> DataConfig:
    steps = (*adapted(study.data.steps, shape), Rescale(-1, 1))
    return replace(with_split(study.data, split_path), steps=steps)


def _of_class(data: PreparedData, label: int) -> PreparedData:
    """The images of one class, without labels."""
    parts = {part: _only(arrays, label) for part, arrays in data.parts.items()}
    return replace(data, parts=parts, class_names=(data.class_names[label],))


def _only(arrays: ImageArrays, label: int) -> ImageArrays:
    chosen = np.flatnonzero(arrays.labels == label)
    names = tuple(arrays.names[i] for i in chosen)
    return ImageArrays(arrays.images[chosen], np.zeros(len(chosen), np.int32), names)
