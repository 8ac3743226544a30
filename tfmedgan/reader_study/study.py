"""A study: its images, the order in which each reader sees them, and the key."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.files import read_json_if_there
from tfmedgan.seeding import rng

FORMAT = "tfmedgan-reader-study-1"
REAL, SYNTHETIC = "real", "synthetic"
ORIGINS = (REAL, SYNTHETIC)  # what is answered, unless the class is asked for
LEVELS = 5  # of confidence: 1 is a guess
LARGEST = 100 << 20  # bytes of pixels in one page


@dataclass(frozen=True)
class Item:
    """One image of a study, without its pixels."""

    id: str  # of the pixels' PNG: the first 16 digits of its SHA-256
    origin: str  # real or synthetic
    label: str  # its class; empty where there are none
    name: str  # in its source


@dataclass(frozen=True)
class Study:
    """What key.json holds."""

    ask: str  # "real": real or synthetic? "class": which class?
    choices: tuple[str, ...]  # that a reader has
    readers: int
    seed: int
    items: tuple[Item, ...]  # in the order of their ids, which says nothing of their origin
    source: dict = field(default_factory=dict)  # where the images are from
    format: str = FORMAT

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what readers are shown; it does not depend on which images are real."""
        facts = [FORMAT, self.ask, str(self.readers), str(self.seed), *self.choices]
        parts = [*facts, *(item.id for item in self.items)]
        return hashlib.sha256("\t".join(parts).encode()).hexdigest()

    @property
    def chance(self) -> float:
        """The accuracy of a reader who guesses."""
        return 1 / len(self.choices)

    def order(self, reader: int) -> list[Item]:
        """The items as this reader sees them."""
        places = rng(self.seed, f"readers/order/{reader}").permutation(len(self.items))
        return [self.items[place] for place in places]

    def right(self, item: Item) -> str:
        """The right answer."""
        return item.origin if self.ask == "real" else item.label

    @property
    def checksum(self) -> str:
        """SHA-256 of all of the key, also of which images are real."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict:
        return asdict(self) | {"study": self.digest, "checksum": self.checksum}


def new_study(
    reals: ImagePool,
    fakes: ImagePool,
    *,
    classes: Sequence[str] = (),
    ask: str = "real",
    readers: int,
    seed: int = 0,
    source: dict | None = None,
) -> tuple[Study, dict[str, bytes]]:
    """A study of these images, and the PNG of each item by its id.

    Raises:
        InputError: when the pages would become too large for a browser.
    """
    size = (len(reals) + len(fakes)) * int(np.prod(reals.shape))
    require(
        size <= LARGEST,
        f"--images {len(reals) + len(fakes)}: {size >> 20} MiB of pixels in one page; at most "
        f"{LARGEST * (len(reals) + len(fakes)) // size // 2 * 2} images of this size",
    )
    pictures, items = {}, []
    for origin, pool in zip(ORIGINS, (reals, fakes), strict=True):
        for index, name in enumerate(pool.names):
            png = plain_png(pool.read(index))
            label = classes[pool.labels[index]] if classes and pool.labels is not None else ""
            items.append(Item(hashlib.sha256(png).hexdigest()[:16], origin, label, name))
            pictures[items[-1].id] = png
    choices = ORIGINS if ask == "real" else tuple(classes)
    ordered = tuple(sorted(items, key=lambda item: item.id))
    return Study(ask, choices, readers, seed, ordered, source or {}), pictures


def plain_png(image: np.ndarray) -> bytes:
    """PNG bytes without text and without compression: all images of one shape are equally long."""
    from PIL import Image

    buffer = io.BytesIO()
    flat = image[..., 0] if image.shape[2] == 1 else image
    Image.fromarray(flat).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def open_study(folder: Path) -> Study:
    """The study in a folder that `tfmedgan-readers make` wrote.

    Raises:
        InputError: no key, or one that was changed.
    """
    path = Path(folder) / "key.json"
    require(path.is_file(), f"{folder}: no reader study, key.json is missing")
    try:
        data = read_json_if_there(path)
        digest, checksum = data.pop("study"), data.pop("checksum", None)
        items = tuple(Item(**item) for item in data.pop("items"))
        study = Study(**data | {"items": items, "choices": tuple(data["choices"])})
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(f"{path}: is no whole key of a study; restore it from a backup") from None
    whole = study.digest == digest and checksum in (None, study.checksum)  # older keys have none
    require(whole, f"{path}: was changed; restore it from a backup")
    return study
