"""From a `DataConfig` to arrays: open, select, read, deterministic steps, split. No TensorFlow."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.config import DataConfig, Range
from tfmedgan.data.balance import balanced
from tfmedgan.data.duplicates import THRESHOLD, near_pairs
from tfmedgan.data.masked import mask_notes, masked, same_masks
from tfmedgan.data.reading import ReadSet, read_set
from tfmedgan.data.records import ImageArrays, ImageSet, Progress, Record
from tfmedgan.data.sources import open_source
from tfmedgan.data.split_file import PARTS, Split
from tfmedgan.data.splits import make_split, require_no_leak
from tfmedgan.data.steps import check_chain, check_masks
from tfmedgan.errors import InputError, require
from tfmedgan.seeding import rng


@dataclass(frozen=True)
class PreparedData:
    """A data set ready for training, and everything that a run records about it."""

    source: str
    class_names: tuple[str, ...]
    parts: dict[str, ImageArrays]  # train, validation, test
    split: Split
    digest: str  # SHA-256 over names, labels and decoded pixels
    card: dict
    skipped: tuple[tuple[str, str], ...]  # (name, reason)
    value_range: Range

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know: files left out, layouts that were not plain, no images kept."""
        return (*self.card.get("notes", ()), *self.split.warnings)


def prepare(
    config: DataConfig,
    seed: int,
    progress: Progress | None = None,
    cache: Path | None = None,
    *,
    split: Split | None = None,
) -> PreparedData:
    """Read every image once, run the deterministic steps and split.

    Args:
        config: source, steps, classes, limits.
        seed: of the split, of the choice of images and of the phantoms.
        cache: folder for prepared images above 512 MiB; the system's temporary folder if None.
        split: that of a run, to divide the images as it did; None: as the configuration says.

    Raises:
        InputError: one line naming the file or the option and what would be right.
        JobError: when the disk is too small for a large set.
    """
    everything, chosen = opened(config, seed)
    images = read_set(chosen, config.steps, progress, cache)
    check_bad(chosen, images, config.skip_bad)
    split = split or split_of(config, everything, images, seed, progress)
    split = replace(split, train=_at_most(split.train, config.images, seed))
    parts = _parts(images, split)
    parts["train"] = balanced(parts["train"], config.balance)
    skipped = (*chosen.card.get("skipped", ()), *images.bad)
    card = chosen.card | {"notes": (*chosen.card.get("notes", ()), *mask_notes(images))}
    return PreparedData(
        chosen.source, chosen.class_names, parts, split, content_digest(images), card, skipped,
        config.value_range,
    )  # fmt: skip


def opened(config: DataConfig, seed: int) -> tuple[ImageSet, ImageSet]:
    """The data set of the configuration, whole, and with only the classes it selects.

    The second has masks if the configuration says so, and then no images without.

    Raises:
        InputError: one line naming the file or the option and what would be right.
    """
    require(bool(config.source), "no data given; use --data SOURCE")
    check_chain(config.steps)
    everything = open_source(
        config.source, allow_missing=config.allow_missing, seed=seed, skip_bad=config.skip_bad,
        classes=config.classes,
    )  # fmt: skip
    images = everything.select(config.classes) if config.classes else everything
    require(bool(images.records), f"{config.source}: no images in {', '.join(config.classes)}")
    if config.masks:
        check_masks(config.steps)
        return everything, masked(images, config.allow_missing)
    return everything, replace(images, masks=None)


def split_of(
    config: DataConfig,
    everything: ImageSet,
    images: ReadSet,
    seed: int,
    progress: Progress | None = None,
) -> Split:
    """The split of `config.split_file`, or a new one.

    Raises:
        InputError: for a split file of other data, or with copies on both sides.
    """
    coefficients = np.stack([fact.coefficients for fact in images.facts])
    pairs = near_pairs(coefficients, THRESHOLD, progress)
    masks = same_masks(images)
    if not config.split_file:
        every = [*pairs, *masks]
        return make_split(images.records, config.fractions, seed, every, THRESHOLD)
    split = Split.read(config.split_file)
    absent = set(everything.card.get("missing", ())) | {name for name, _ in images.bad}
    known = {record.name for record in everything.records} | absent
    strange = [name for part in PARTS for name in getattr(split, part) if name not in known]
    require(
        not strange,
        f"{config.split_file}: {len(strange)} of its images are not in {config.source}, "
        f"such as {', '.join(strange[:3])}; it is the split of other data",
    )
    require_no_leak(images.records, split, pairs, config.split_file, masks)
    return _only(split, [record.name for record in images.records], config.split_file)


def check_bad(chosen: ImageSet, images: ReadSet, skip_bad: bool) -> None:
    """Raise for images that could not be read, unless they are to be skipped and some are left."""
    count = len(images.bad)
    if count and not skip_bad:
        mend = f"{count - 1} more cannot be read; mend them" if count > 1 else "mend it"
        raise InputError(f"{images.bad[0][1]}; {mend}, or go on with --skip-bad")
    require(bool(images.records), f"{chosen.source}: none of its {count} images can be read")


def content_digest(images: ReadSet) -> str:
    """SHA-256 over names, labels and decoded pixels, those of masks too, whatever the order."""
    total = hashlib.sha256()
    digests = (fact.digest + (fact.mask.digest if fact.mask else b"") for fact in images.facts)
    rows: Iterable[tuple[Record, bytes]] = zip(images.records, digests, strict=True)
    for record, digest in sorted(rows, key=lambda row: row[0].name):
        total.update(f"{record.name}\0{record.label}\0".encode() + digest)
    return total.hexdigest()


def content_hash(arrays: ImageArrays) -> str:
    """SHA-256 over names, labels and prepared pixels of one part, whatever the order."""
    total = hashlib.sha256()
    for index in np.argsort(np.array(arrays.names)):
        total.update(f"{arrays.names[index]}\0{arrays.labels[index]}\0".encode())
        total.update(np.ascontiguousarray(arrays.images[index]).data)
    return total.hexdigest()


def _only(split: Split, names: list[str], path: str) -> Split:
    """The split of a file with only the images that are there and wanted; it warns of others."""
    here = set(names)
    kept: dict[str, Any] = {p: tuple(n for n in getattr(split, p) if n in here) for p in PARTS}
    require(bool(kept["train"]), "the split file leaves no images to train on")
    told = {name for part in kept.values() for name in part} | {name for name, _ in split.dropped}
    new = [name for name in names if name not in told]
    warnings = [
        f"{path}: {len(new)} of {len(names)} images are in none of its parts, such as {name}, and "
        "are left out; a new split would take them"
        for name in new[:1]
    ]
    return replace(split, **kept, warnings=(*split.warnings, *warnings))


def _parts(images: ReadSet, split: Split) -> dict[str, ImageArrays]:
    assert images.store is not None, "`read_set` was asked for pixels"
    position = {record.name: index for index, record in enumerate(images.records)}
    parts = {}
    for part in PARTS:
        names = getattr(split, part)
        chosen = [position[name] for name in names]
        pixels = images.store.part(part, [images.rows[i] for i in chosen])
        labels = np.array([images.records[i].label for i in chosen], np.int32)
        parts[part] = ImageArrays(pixels, labels, names)
    images.store.close()
    return parts


def _at_most(names: tuple[str, ...], limit: int | None, seed: int) -> tuple[str, ...]:
    """At most `limit` names, drawn from the seed, in their order."""
    if limit is None or limit >= len(names):
        return names
    chosen = np.sort(rng(seed, "images").permutation(len(names))[:limit])
    return tuple(names[i] for i in chosen)
