"""Arrays of images and of labels, from whatever file, → the data set they are."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tfmedgan.data.masks import binary
from tfmedgan.data.records import ImageSet, Masks, Record
from tfmedgan.errors import require

MOST = 256  # labels above need a manifest that names the classes


@dataclass(frozen=True)
class Part:
    """One part of a split: images uint8 or uint16 (N, H, W[, 1 or 3]), labels (N,) or None.

    And masks, (N, H, W), or None.
    """

    images: np.ndarray
    labels: np.ndarray | None
    masks: np.ndarray | None = None


def check_images(where: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Raise `InputError` unless an array of this shape and type holds images; no pixel is read."""
    hint = ""
    if dtype.kind in "fib" or dtype.itemsize > 2:
        hint = "; bring the pixels to 0…255 and convert them: images.astype('uint8')"
    elif len(shape) == 2:
        hint = "; one picture is no set: images[None]"
    elif len(shape) == 3 and shape[2] in (1, 3, 4):
        hint = "; a single colour picture? images[None] makes it a set of one"
    elif len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3):
        hint = "; the channels come last: images.transpose(0, 2, 3, 1)"
    right = (len(shape) == 3 and shape[2] not in (1, 3, 4)) or (
        len(shape) == 4 and shape[3] in (1, 3)
    )
    require(
        right and dtype.kind == "u" and dtype.itemsize <= 2 and min(shape[1:3]) > 0,
        f"{where} are {dtype} {shape}; expected uint8 or uint16, "
        f"(N, height, width) or (N, height, width, 1 or 3){hint}",
    )


def are_masks(shape: tuple[int, ...], dtype: np.dtype, images: tuple[int, ...]) -> bool:
    """Whether an array of this shape and type can hold masks of images of that shape."""
    flat = shape[:-1] if len(shape) == 4 and shape[3] == 1 else shape
    return flat == images[:3] and (dtype.kind == "b" or dtype in (np.uint8, np.uint16))


def check_labels(where: str, shape: tuple[int, ...], dtype: np.dtype, count: int) -> None:
    """Raise `InputError` unless an array of this shape and type holds a label for each image."""
    hints = {
        "f": "labels.astype('int64'), if they are whole",
        "b": "labels.astype('int64')",
        "S": "labels.astype(str)",
    }
    hint = hints.get(dtype.kind, "")
    if len(shape) == 2 and shape[1] > 1:
        hint = "one-hot rows become numbers by labels.argmax(axis=1)"
    right = len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)
    require(
        right and dtype.kind in "uiU",
        f"{where} are {dtype} {shape}; expected one whole number per image, or its class as "
        f"text{'; ' + hint if hint else ''}",
    )
    require(shape[0] == count, f"{where}: {shape[0]} for {count} images")


def array_set(
    source: str, path: Path, parts: dict[str, Part], names: tuple[str, ...], note: str = ""
) -> ImageSet:
    """The data set of these parts; empty ones are none.

    Args:
        names: of the classes that whole numbers stand for; empty: the numbers themselves.
        note: what the user should know of the file.

    Raises:
        InputError: without images, with labels in some parts only, with labels that cannot be
            numbers of classes.
    """
    parts = {split: part for split, part in parts.items() if len(part.images)}
    require(bool(parts), f"{path}: no images in it")
    bare = [split for split, part in parts.items() if part.labels is None]
    require(len(bare) in (0, len(parts)), f"{path}: {', '.join(bare)} images without labels")
    notes = [note] if note else []
    if not bare:
        parts, names, more = _with_classes(path, parts, names)
        notes += more
    records = tuple(
        Record(
            name=f"{split or 'images'}/{index:06d}",
            label=int(label),
            location=index,
            split=split,
            mask=None if part.masks is None else index,
        )
        for split, part in parts.items()
        for index, label in enumerate(
            [0] * len(part.images) if part.labels is None else part.labels
        )
    )

    def read(record: Record) -> np.ndarray:
        return parts[record.split].images[record.location]

    def read_mask(record: Record) -> np.ndarray:
        masks = parts[record.split].masks
        assert masks is not None, "the record names a mask"
        return binary(masks[record.location], f"{path}: mask of {record.name}")

    masks = None
    if any(part.masks is not None for part in parts.values()):
        masks = Masks(read_mask, {"notes": tuple(notes)})
        notes.append(f"{path}: its masks left out; tfmedgan-train --masks uses them")
    card = {"title": path.name, "notes": tuple(notes)}
    return ImageSet(source, () if bare else names, records, read, card, masks=masks)


def _with_classes(
    path: Path, parts: dict[str, Part], names: tuple[str, ...]
) -> tuple[dict[str, Part], tuple[str, ...], list[str]]:
    """The parts with labels that index the names returned, and notes."""
    flat = {
        split: part.labels.reshape(-1) for split, part in parts.items() if part.labels is not None
    }
    kinds = {labels.dtype.kind == "U" for labels in flat.values()}
    require(len(kinds) == 1, f"{path}: some labels are text, some are numbers")
    values = sorted(set().union(*(np.unique(labels).tolist() for labels in flat.values())))
    notes = []
    if names and not kinds.pop():
        _check_range(path, flat, len(names))
        values = list(range(len(names)))
    else:
        if not isinstance(values[0], str) and values != list(range(len(values))):
            notes = [_check_gaps(path, values)]
        names = tuple(map(str, values))
    renumbered = {
        split: replace(part, labels=np.searchsorted(values, flat[split]))
        for split, part in parts.items()
    }
    return renumbered, names, notes


def _check_range(path: Path, flat: dict[str, np.ndarray], count: int) -> None:
    for split, labels in flat.items():
        for index in np.flatnonzero((labels < 0) | (labels >= count))[:1]:
            where = " ".join(filter(None, (split, f"image {index}")))
            require(False, f"{path}: {where}: label {labels[index]} is outside 0 to {count - 1}")


def _check_gaps(path: Path, values: list[int]) -> str:
    """The note on labels that are not 0, 1, 2, …; refused where they are no classes' numbers."""
    some = ", ".join(map(str, values[:4])) + (", …" if len(values) > 4 else "")
    require(values[0] >= 0, f"{path}: label {values[0]} is outside of 0, 1, 2, …")
    require(
        values[-1] < MOST,
        f"{path}: {len(values)} distinct labels ({some}), of which the highest, {values[-1]}, is "
        "far above their number; number the classes 0, 1, 2, …",
    )
    return f"{path}: the labels are {some}: {len(values)} classes, called by these numbers"
