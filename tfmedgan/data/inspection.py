"""What a look at every image of a set finds: sizes, bit depths, classes, copies, damage."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmedgan.data.duplicates import THRESHOLD, near_pairs
from tfmedgan.data.manifest import SPLITS, Manifest
from tfmedgan.data.masked import MaskFindings, mask_findings, mask_warnings
from tfmedgan.data.reading import Facts, Progress, ReadSet, read_facts
from tfmedgan.data.records import ImageSet
from tfmedgan.errors import InputError
from tfmedgan.files import file_sha256


@dataclass(frozen=True)
class Inspection:
    """The findings, as plain data.

    Attributes:
        source: SOURCE of the command line.
        images: number of images that could be read.
        classes: images of each class in each of the publisher's parts ("" where there are none).
        sizes: number of images of each "width×height".
        kinds: number of images of each "grey 8 bit", "RGB 8 bit", ….
        exact, near: numbers of pairs of equal pixels, and of near-duplicates in all.
        across: near-duplicates that stand in two of the publisher's parts.
        pairs: (first, second, bits that differ) of all of them.
        bad, missing, skipped, ignored: files that are of no use, with reasons where there are.
        warnings: what a user should know before training.
        masks: of images with masks; None: of images alone.
    """

    source: str
    images: int
    classes: dict[str, dict[str, int]]
    sizes: dict[str, int]
    kinds: dict[str, int]
    exact: int
    near: int
    across: int
    pairs: tuple[tuple[str, str, int], ...]
    bad: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]
    warnings: tuple[str, ...]
    masks: MaskFindings | None = None


def inspect(
    image_set: ImageSet, manifest: Manifest | None = None, progress: Progress | None = None
) -> Inspection:
    """Read every image of the set, which was opened without missing and bad entries.

    Args:
        manifest: that it came from, to compare its counts; None for other sources.
    """
    images = read_facts(image_set, progress)
    coefficients = [fact.coefficients for fact in images.facts]
    pairs = near_pairs(np.stack(coefficients), THRESHOLD, progress) if coefficients else []
    records, facts = images.records, images.facts
    masks = mask_findings(image_set, images) if image_set.masks else None
    return Inspection(
        source=image_set.source,
        images=len(records),
        classes=_classes(image_set, images),
        sizes=_tally(f"{fact.shape[1]}×{fact.shape[0]}" for fact in facts),
        kinds=_tally(_kind(fact) for fact in facts),
        exact=sum(facts[a].digest == facts[b].digest for a, b, _ in pairs),
        near=len(pairs),
        across=sum(records[a].split != records[b].split for a, b, _ in pairs),
        pairs=tuple((records[a].name, records[b].name, d) for a, b, d in pairs),
        bad=images.bad,
        missing=tuple(image_set.card.get("missing", ())),
        skipped=tuple(image_set.card.get("skipped", ())),
        ignored=tuple(image_set.card.get("files_ignored", ())),
        warnings=(*_warnings(image_set, images, manifest, pairs), *mask_warnings(masks)),
        masks=masks,
    )


def checksum_differences(manifest: Manifest, root: Path) -> list[str]:
    """Files whose SHA-256 is not the one in the manifest; absent files are left out."""
    return [
        path
        for path, expected in manifest.checksums
        if (root / path).is_file() and _sha256(root / path) != expected.lower()
    ]


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _classes(image_set: ImageSet, images: ReadSet) -> dict[str, dict[str, int]]:
    names = image_set.class_names or ("all",)
    tally = Counter((record.split, record.label) for record in images.records)
    parts = [part for part in SPLITS if any(record.split == part for record in images.records)]
    return {name: {p: tally[p, i] for p in parts} for i, name in enumerate(names)}


def _tally(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _kind(fact: Facts) -> str:
    colour = "RGB" if len(fact.shape) == 3 and fact.shape[2] == 3 else "grey"
    return f"{colour} {8 if fact.dtype == 'uint8' else 16} bit"


def _warnings(
    image_set: ImageSet,
    images: ReadSet,
    manifest: Manifest | None,
    pairs: list[tuple[int, int, int]],
) -> list[str]:
    records, warnings = images.records, list(image_set.card.get("notes", ()))
    odd = sum(records[a].label != records[b].label for a, b, _ in pairs)
    if odd:
        warnings.append(f"near-duplicates with different labels: {odd} pairs")
    across = sum(records[a].split != records[b].split for a, b, _ in pairs)
    if across:
        warnings.append(f"near-duplicates in two of the publisher's parts: {across} pairs")
    if len({_kind(fact) for fact in images.facts}) > 1:
        warnings.append("images differ in kind: add Grayscale or ToRGB to the steps")
    return warnings + _count_warnings(image_set, images, manifest)


def _count_warnings(image_set: ImageSet, images: ReadSet, manifest: Manifest | None) -> list[str]:
    tally = Counter(record.label for record in images.records)
    warnings = []
    counts = [tally[index] for index in range(len(image_set.class_names))]
    if counts and max(counts) > 3 * max(1, min(counts)):
        warnings.append(
            f"classes are unbalanced, from {min(counts)} to {max(counts)} images: see --balance"
        )
    for index, cls in enumerate(manifest.classes if manifest else ()):
        if cls.count is not None and tally[index] != cls.count:
            warnings.append(f"class {cls.name}: {tally[index]} images, published {cls.count}")
    return warnings
