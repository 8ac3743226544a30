"""The images of a study: classes that fit the document, and one split for all seeds and rows."""

import hashlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from tfmedgan.config import DataConfig, Experiment
from tfmedgan.data.prepare import PreparedData, check_bad, opened, prepare, split_of
from tfmedgan.data.reading import read_facts
from tfmedgan.data.records import ImageSet
from tfmedgan.data.sources import open_source
from tfmedgan.data.split_file import Split
from tfmedgan.errors import require
from tfmedgan.papers import PRESETS
from tfmedgan.papers.reported import Table, TableRow
from tfmedgan.recipes import at_sites
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.scaling import scaled
from tfmedgan.reproduction.study import Study
from tfmedgan.seeding import rng
from tfmedgan.training.validation_checks import with_classes

SPLIT_SEED = 0  # never that of a training, so that seeds can be paired
FEWEST_HELD_OUT = 20


def experiment_of(study: Study, table: Table, row: TableRow) -> Experiment:
    """The row's experiment at the study's scale, on the study's images and split; seed 0.

    Raises:
        InputError: for images that do not suit the table, in one line.
    """
    experiment = scaled(PRESETS[row.preset], study.scale_of(table))
    data = at_hand(study, table, experiment.data)
    experiment = with_classes(replace(experiment, data=data), class_names(data))
    experiment = replace(experiment, data=_with_split(study, experiment, table))
    federation = experiment.federation
    if federation is None:
        return experiment
    images = len(Split.read(experiment.data.split_file).train)
    return at_sites(experiment, federation, federation.training_sites, images, None)


def at_hand(study: Study, table: Table, data: DataConfig) -> DataConfig:
    """The data that the user has, with the classes that the table asks for: `chosen_classes`."""
    source = study.plan.source or data.source
    missing = study.plan.allow_missing or data.allow_missing
    classes = chosen_classes(opened_source(source, missing), table)
    return replace(data, source=source, allow_missing=missing, classes=classes)


def class_names(data: DataConfig) -> tuple[str, ...]:
    """Those chosen, or all that the source has."""
    return data.classes or opened_source(data.source, data.allow_missing).class_names


def chosen_classes(images: ImageSet, table: Table) -> tuple[str, ...]:
    """The first of the table's choices of classes that the images have; empty: all.

    Raises:
        InputError: when there is none, and no single class to take instead.
    """
    names = set(images.class_names) | set(images.aliases)
    if not table.classes or not names:
        return ()
    for wanted in table.classes:
        if set(wanted) <= names:
            return wanted
    choices = "; or ".join(", ".join(wanted) for wanted in table.classes)
    require(
        len(images.class_names) == 1,
        f"--data {images.source}: has the classes {', '.join(images.class_names)}; {table.key} "
        f"needs {choices}, or images of one class",
    )
    return images.class_names


@lru_cache(maxsize=4)
def opened_source(source: str, allow_missing: bool) -> ImageSet:
    return open_source(source, allow_missing=allow_missing, seed=SPLIT_SEED)


@lru_cache(maxsize=2)
def prepared(data: DataConfig) -> PreparedData:
    """The images of an experiment; kept, as the seeds and most rows of a table share them."""
    return prepare(data, SPLIT_SEED)


def _with_split(study: Study, experiment: Experiment, table: Table) -> DataConfig:
    data = experiment.data
    whole = Split.read(whole_split(study, replace(data, images=None, steps=())))
    _check_enough(study, experiment, whole, table)
    limit = data.images if data.images and data.images < len(whole.train) else None
    path = study.splits / f"{whole.digest[:8]}-{limit or 'all'}.json"
    if not path.exists():
        replace(whole, train=_first(whole.train, limit)).write(path)
    return replace(data, images=None, split_file=str(path.absolute()))


def _first(names: tuple[str, ...], limit: int | None) -> tuple[str, ...]:
    """At most `limit` names; a smaller limit chooses among those of a larger one."""
    order = rng(SPLIT_SEED, "study/images").permutation(len(names))
    return tuple(names[i] for i in sorted(order[:limit]))


def whole_split(study: Study, data: DataConfig) -> Path:
    """The file of the split of all images, made once for a study, wherever they lie."""
    key = repr((public_name(data.source), data.classes, data.fractions)).encode()
    path = (study.splits / f"whole-{hashlib.sha256(key).hexdigest()[:8]}.json").absolute()
    if not path.exists():
        study.splits.mkdir(exist_ok=True)
        everything, chosen = opened(data, SPLIT_SEED)
        images = read_facts(chosen)
        check_bad(chosen, images, data.skip_bad)
        split_of(data, everything, images, SPLIT_SEED).write(path)
    return path


def _check_enough(study: Study, experiment: Experiment, split: Split, table: Table) -> None:
    train = min(len(split.train), experiment.data.images or len(split.train))
    source = experiment.data.source
    require(
        train >= experiment.batch_size,
        f"--data {source}: {train} training images are less than a batch of "
        f"{experiment.batch_size} at scale {study.plan.scale}; give more images",
    )
    parts = len(split.test), len(split.validation)
    held_out = max(parts) if experiment.validation.every else sum(parts)
    require(
        table.kind == "training_curve" or held_out >= FEWEST_HELD_OUT,
        f"--data {source}: {held_out} images are held out to compare with, "
        f"{FEWEST_HELD_OUT} are needed; give more images",
    )
