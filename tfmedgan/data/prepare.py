"""From a `DataConfig` to arrays: open, select, read, deterministic steps, split. No TensorFlow."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from tfmedgan.config import DataConfig, Range
from tfmedgan.data.records import ImageArrays, ImageSet, Record
from tfmedgan.data.sources import open_source
from tfmedgan.data.splits import PARTS, Split, make_split
from tfmedgan.errors import InputError, require
from tfmedgan.seeding import rng

Progress = Callable[[int, int, str], None]


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


@dataclass(frozen=True)
class _Read:
    """One image after the deterministic steps, and the digest of its decoded pixels."""

    pixels: np.ndarray
    digest: bytes


def prepare(config: DataConfig, seed: int, progress: Progress | None = None) -> PreparedData:
    """Read every image once, run the deterministic steps and split.

    Args:
        config: source, steps, classes, limits.
        seed: of the split, of the choice of images and of the phantoms.
        progress: called with (images done, images in all, "reading images").

    Raises:
        InputError: one line naming the file or the option and what would be right.
    """
    require(bool(config.source), "no data given; use --data SOURCE")
    found = open_source(
        config.source, allow_missing=config.allow_missing, seed=seed, skip_bad=config.skip_bad
    )
    if config.classes:
        found = found.select(config.classes)
    results = _read_all(found, config.steps, progress)
    kept, skipped = _without_bad(found, results, config.skip_bad)
    split = Split.read(config.split_file) if config.split_file else None
    split = split or make_split(kept.records, config.fractions, seed)
    images = [result for result in results if isinstance(result, _Read)]
    parts = _parts(kept, images, split)
    parts["train"] = _at_most(parts["train"], config.images, seed)
    return PreparedData(
        found.source,
        found.class_names,
        parts,
        split,
        _digest(kept.records, images),
        found.card,
        skipped,
        config.value_range,
    )


def image_steps(steps: tuple) -> list:
    """The deterministic steps, which run once per image."""
    return [step for step in steps if not hasattr(step, "value_range")]


def run_steps(image: np.ndarray, steps) -> np.ndarray:
    """uint8 (height, width, channels) after the steps.

    16 bits become 8 by division by 257, the full range, unless the first step chooses a window.
    """
    image = image[..., np.newaxis] if image.ndim == 2 else image
    if image.dtype == np.uint16:
        image = np.round(image / 257).astype(np.uint8)
    for step in steps:
        image = step(image)
    return image


def _read_all(found: ImageSet, steps: tuple, progress: Progress | None) -> list:
    """A `_Read` or the `InputError` of each record, in order."""
    chain = image_steps(steps)

    def work(record: Record):
        try:
            decoded = found.read(record)
            digest = hashlib.sha256(np.ascontiguousarray(decoded)).digest()
            return _Read(run_steps(decoded, chain), digest)
        except InputError as error:
            return error

    results, total = [], len(found.records)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(work, found.records):
            results.append(result)
            if progress:
                progress(len(results), total, "reading images")
    return results


def _without_bad(found: ImageSet, results: list, skip_bad: bool):
    """The set without the records that could not be read, and those with their reasons."""
    bad = [(r, e) for r, e in zip(found.records, results, strict=True) if isinstance(e, Exception)]
    if bad and not skip_bad:
        more = f" (and {len(bad) - 1} more bad images; --skip-bad goes on without)"
        raise InputError(str(bad[0][1]) + (more if len(bad) > 1 else ""))
    names = {record.name for record, _ in bad}
    kept = tuple(record for record in found.records if record.name not in names)
    require(bool(kept), f"{found.source}: none of its {len(bad)} images can be read")
    return replace(found, records=kept), tuple((r.name, str(e)) for r, e in bad)


def _parts(kept: ImageSet, images: list[_Read], split: Split) -> dict[str, ImageArrays]:
    _check_shapes(kept.records, images)
    position = {record.name: index for index, record in enumerate(kept.records)}
    parts = {}
    for part in PARTS:
        names = getattr(split, part)
        absent = [name for name in names if name not in position]
        require(
            not absent,
            f"{kept.source}: {len(absent)} images of the split are not there: "
            + ", ".join(absent[:5]),
        )
        rows = [position[name] for name in names]
        shape = (0, *images[0].pixels.shape)
        pixels = np.stack([images[i].pixels for i in rows]) if rows else np.zeros(shape, np.uint8)
        labels = np.array([kept.records[i].label for i in rows], np.int32)
        parts[part] = ImageArrays(pixels, labels, names)
    return parts


def _check_shapes(records: tuple[Record, ...], images: list[_Read]) -> None:
    shape = images[0].pixels.shape
    for record, image in zip(records, images, strict=True):
        require(
            image.pixels.shape == shape,
            f"{record.name} is {image.pixels.shape} after the steps, {records[0].name} is {shape}; "
            "add Resize, and Grayscale or ToRGB, to the steps",
        )


def _at_most(arrays: ImageArrays, limit: int | None, seed: int) -> ImageArrays:
    """At most `limit` images, drawn from the seed, in their order."""
    if limit is None or limit >= len(arrays):
        return arrays
    chosen = np.sort(rng(seed, "images").permutation(len(arrays))[:limit])
    names = tuple(arrays.names[i] for i in chosen)
    return ImageArrays(arrays.images[chosen], arrays.labels[chosen], names)


def _digest(records: tuple[Record, ...], images: list[_Read]) -> str:
    total = hashlib.sha256()
    for record, image in sorted(zip(records, images, strict=True), key=lambda p: p[0].name):
        total.update(f"{record.name}\0{record.label}\0".encode() + image.digest)
    return total.hexdigest()
