"""The embedded default data: drawn images with true labels."""

import numpy as np

from tfmedgan.data.records import ImageSet, Masks, Record
from tfmedgan.errors import require

COUNT = 200  # images per class
SIZE = 128  # pixels
LARGEST = 1_000_000


def open_phantom(source: str, seed: int) -> ImageSet:
    """`phantom:KIND[:COUNT[:SEED]]`, COUNT drawn images per class, 128×128×3 uint8.

    Feet have true masks, of the bed of the ulcer.

    Args:
        seed: of the drawings, unless the source has a SEED of its own: then every experiment
            sees the same images.

    Raises:
        InputError: for an unknown kind, a count or a seed that is not a number in range.
    """
    from tfmedgan.data import phantoms

    _, kind, *rest = source.split(":")
    valid = ", ".join(sorted(phantoms.CLASSES))
    require(kind in phantoms.CLASSES, f"--data {source}: no phantom {kind!r}; valid: {valid}")
    count = _count(source, rest[:1])
    seed = _seed(source, rest[1:], seed)
    names = tuple(phantoms.CLASSES[kind])
    masked = kind in phantoms.WITH_MASKS
    records = tuple(
        Record(f"{kind}/{label}/{index:06d}", label, index, mask=index if masked else None)
        for label in range(len(names))
        for index in range(count)
    )

    def read(record: Record) -> np.ndarray:
        return phantoms.draw(kind, record.label, seed, record.location, SIZE)

    def read_mask(record: Record) -> np.ndarray:
        return phantoms.draw_mask(kind, record.label, seed, record.mask, SIZE)

    masks = Masks(read_mask) if masked else None
    return ImageSet(source, names, records, read, _card(kind, count, seed), masks=masks)


def _count(source: str, rest: list[str]) -> int:
    count = rest[0] if rest else str(COUNT)
    require(
        count.isdecimal() and 1 <= int(count) <= LARGEST,
        f"--data {source}: images per class must be a number from 1 to {LARGEST}, "
        "as in phantom:fundus:200",
    )
    return int(count)


def _seed(source: str, rest: list[str], default: int) -> int:
    if not rest:
        return default
    require(
        len(rest) == 1 and rest[0].isdecimal() and int(rest[0]) < 2**31,
        f"--data {source}: after the images per class comes at most a seed, as in "
        "phantom:fundus:200:0",
    )
    return int(rest[0])


def _card(kind: str, count: int, seed: int) -> dict:
    return {
        "title": f"phantom {kind}: drawn, not real",
        "licence": "Apache-2.0",
        "redistribution": True,
        "images_per_class": count,
        "seed": seed,
    }
