"""What a data set is, whatever it comes from: a list of records and a way to read each."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.errors import printable, require, require_printable

Progress = Callable[[int, int, str], None]  # called with (done, in all, what is done)


@dataclass(frozen=True)
class Record:
    """One image of a data set."""

    name: str  # unique in the set and stable: the relative path, or "train/000012"
    label: int  # index into the set's class names; 0 where there are no classes
    location: Any  # what the set's `read` understands: a path, an index
    group: str = ""  # patient or other group that must not be split; empty: unknown
    split: str = ""  # the publisher's own split: train, validation, test; empty: none
    sha256: str = ""  # of the file, where a list of checksums has it
    columns: tuple[tuple[str, str], ...] = ()  # further (column, value) of its table: sex, site
    mask: Any = None  # what the set's `masks.read` understands; None: no mask


@dataclass(frozen=True)
class Masks:
    """The masks beside the images of a set."""

    read: Callable[[Record], np.ndarray]  # → uint8 (height, width, 1), 0 or 255
    card: dict = field(default_factory=dict)  # entries of the set's card that their use changes
    alone: tuple[str, ...] = ()  # masks without an image
    unclear: tuple[str, ...] = ()  # sentences on masks that could belong to two images


@dataclass(frozen=True)
class ImageSet:
    """A data set as its source gives it, before any preprocessing."""

    source: str  # SOURCE of the command line
    class_names: tuple[str, ...]  # empty for a flat folder
    records: tuple[Record, ...]
    read: Callable[[Record], np.ndarray]  # → uint8 or uint16, (height, width) or (height, width, 3)
    card: dict = field(default_factory=dict)  # title, licence, …; notes: what a user should know
    aliases: dict[str, str] = field(default_factory=dict)  # label in the files → class name
    masks: Masks | None = None  # None: a set of images alone

    def __post_init__(self) -> None:
        for record in self.records:
            require_printable(record.name, f"{printable(self.source)}: ")
        for name in self.class_names:
            require_printable(name, f"{printable(self.source)}: class ")
            require(name.strip(), f"{printable(self.source)}: a class without a name; give it one")

    def read_pair(self, record: Record) -> tuple[np.ndarray, np.ndarray | None]:
        """The image of a record, and its mask if the set has masks and it has one.

        Raises:
            InputError: naming the file that cannot be read, or the two that differ in size.
        """
        image = self.read(record)
        if self.masks is None or record.mask is None:
            return image, None
        mask = self.masks.read(record)
        file = f" {record.mask}" if isinstance(record.mask, Path) else ""
        sizes = [f"{height}×{width}" for width, height in (mask.shape[:2], image.shape[:2])]
        require(
            mask.shape[:2] == image.shape[:2],
            f"{record.name}: its mask{file} is {sizes[0]} pixels, the image {sizes[1]}; give masks "
            "the size of their images",
        )
        return image, mask

    def counts(self) -> dict[str, int]:
        """Number of images of each class, in the order of the classes."""
        tally = Counter(record.label for record in self.records)
        return {name: tally[index] for index, name in enumerate(self.class_names)}

    def select(self, classes: tuple[str, ...]) -> "ImageSet":
        """The set with only the named classes, labelled in the order given.

        A class is named as in `class_names` or by the label that its files use.

        Raises:
            InputError: for a class that the set does not have, or that is named twice.
        """
        classes = tuple(self.aliases.get(name, name) for name in classes)
        unknown = [name for name in classes if name not in self.class_names]
        known = f"it has: {', '.join(self.class_names)}"
        none = "its images have no classes; put those of each class into a subfolder of that name"
        require(
            not unknown,
            f"{self.source}: no class {', '.join(unknown)}; {known if self.class_names else none}",
        )
        twice = [name for name, count in Counter(classes).items() if count > 1]
        require(not twice, f"{self.source}: class {', '.join(twice)} is named twice; name it once")
        renumber = {self.class_names.index(name): index for index, name in enumerate(classes)}
        kept = tuple(
            replace(record, label=renumber[record.label])
            for record in self.records
            if record.label in renumber
        )
        return replace(self, class_names=classes, records=kept)


@dataclass(frozen=True)
class ImageArrays:
    """Images of one part of a split, after the deterministic steps."""

    images: np.ndarray  # uint8, (N, height, width, channels); may be a memory map; 2 and 4
    # channels are grey and RGB with the mask, 0 or 255, as the last
    labels: np.ndarray  # int32, (N,)
    names: tuple[str, ...]
    draws: np.ndarray | None = None  # indices that make up one pass; None: each image once
    uniform: bool = False  # draw the label, then an image of it, instead of making passes

    def __len__(self) -> int:
        return len(self.labels)
