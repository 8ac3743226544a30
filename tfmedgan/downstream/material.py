"""The images of a study: one split for everything, subsampled classes, shuffled labels, no leak."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfmedgan.config import DataConfig
from tfmedgan.data.marks import require_real
from tfmedgan.data.prepare import PreparedData, opened, prepare
from tfmedgan.data.reading import Progress
from tfmedgan.data.records import ImageArrays
from tfmedgan.data.split_file import PARTS, Split
from tfmedgan.data.steps import Rescale, adapted
from tfmedgan.downstream.config import DownstreamStudy, GeneratorArm
from tfmedgan.errors import require
from tfmedgan.evaluation.neighbours import nearest
from tfmedgan.seeding import rng

CLOSEST = 3.0  # grey levels, root mean square: what encoding a picture anew changes


def real_images(study: DownstreamStudy, split_path: Path, progress: Progress | None = None):
    """The real images for the classifier; writes the study's split on the first call.

    Raises:
        InputError: for synthetic images among them, a split that leaks, too few images.
    """
    if not split_path.exists():
        _, images = opened(study.data, study.data_seed)
        require_real(images)
        data = prepare(study.data, study.data_seed, progress)
        _reduced(study, data).write(split_path)
    data = prepare(with_split(study.data, split_path), study.data_seed, progress)
    _check(study, data)
    return _shuffled(study, data)


def generator_images(
    study: DownstreamStudy, arm: GeneratorArm, split_path: Path, label: int | None
) -> tuple[DataConfig, PreparedData]:
    """What a generator learns from: the same split, at its own size; one class, or all.

    The split's parts for validation and test are in it as always; training sees `train` only.
    """
    steps = (*adapted(study.data.steps, arm.experiment.model.image_shape), Rescale(-1, 1))
    config = replace(with_split(study.data, split_path), steps=steps)
    data = _shuffled(study, prepare(config, study.data_seed))
    if label is None:
        return config, data
    return replace(config, classes=(data.class_names[label],)), _of_class(data, label)


def with_split(config: DataConfig, split_path: Path) -> DataConfig:
    return replace(config, split_file=str(split_path), images=None)


def require_disjoint(test: ImageArrays, images: np.ndarray, names: tuple[str, ...]) -> None:
    """Refuse synthetic images of which one is a test image under another name.

    Raises:
        InputError: naming the pair.
    """
    apart, partners = nearest(test.images.reshape(len(test), -1), images.reshape(len(images), -1))
    row = int(apart[:, 0].argmin())
    distance = apart[row, 0] / np.sqrt(test.images[0].size)
    require(
        distance > CLOSEST,
        f"leak: test image {test.names[row]} and training image {names[partners[row, 0]]} differ "
        f"by {distance:.1f} grey levels; test images must be real and seen by no generator",
    )


def _reduced(study: DownstreamStudy, data: PreparedData) -> Split:
    """The split with only so many training images of each subsampled class."""
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


def _of_class(data: PreparedData, label: int) -> PreparedData:
    """The images of one class, without labels."""
    parts = {part: _only(arrays, label) for part, arrays in data.parts.items()}
    return replace(data, parts=parts, class_names=(data.class_names[label],))


def _only(arrays: ImageArrays, label: int) -> ImageArrays:
    chosen = np.flatnonzero(arrays.labels == label)
    names = tuple(arrays.names[i] for i in chosen)
    return ImageArrays(arrays.images[chosen], np.zeros(len(chosen), np.int32), names)
