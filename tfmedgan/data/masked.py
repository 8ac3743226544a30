"""A set of images with masks: which records stay in it, and what its masks look like."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tfmedgan.data.reading import ReadSet
from tfmedgan.data.records import ImageSet, Masks, Record
from tfmedgan.errors import require

NAMED = 3
HOW = (
    "put them into a folder masks beside images under the same names, or name them in a manifest "
    "with `mask`"
)


def masked(images: ImageSet, allow_missing: bool = False) -> ImageSet:
    """The set with the images that have a mask, which its `read_pair` then gives.

    A part of the publisher's split in which no image has one is left out, with a note.

    Args:
        allow_missing: leave out single images without a mask instead of failing.

    Raises:
        InputError: naming images without a mask, or masks that could be those of two images.
    """
    source, having = images.source, [r for r in images.records if r.mask is not None]
    found = images.masks or Masks(images.read)
    unclear, alone = found.unclear, found.alone
    require(not unclear, f"{source}: {'; '.join(unclear[:NAMED])}{_more(unclear)}")
    strangers = f"; masks without an image: {_some(alone)}" if alone else ""
    require(bool(having), f"{source}: no image has a mask{strangers}; {HOW}")
    bare, without = parts_without(images.records), lacking(images.records)
    require(
        allow_missing or not without,
        f"{source}: {len(without)} of {len(without) + len(having)} images have no mask: "
        f"{_some(without)}{strangers}; add the masks, or go on with --allow-missing",
    )
    notes = [f"{source}: {n} images of {p} have no masks and are left out" for p, n in bare.items()]
    if without:
        notes.append(f"{source}: {len(without)} images without a mask left out: {_some(without)}")
    if alone:
        notes.append(f"{source}: {len(alone)} masks without an image: {_some(alone)}")
    card = images.card | found.card
    card |= {"notes": (*card.get("notes", ()), *notes)}
    return replace(images, records=tuple(having), card=card)


def parts_without(records: Sequence[Record]) -> dict[str, int]:
    """Parts of the publisher's split in which no image has a mask, and how many images each has."""
    having = {record.split for record in records if record.mask is not None}
    return dict(Counter(r.split for r in records if r.split and r.split not in having))


def lacking(records: Sequence[Record]) -> list[str]:
    """Images without a mask, but those of parts in which no image has one."""
    bare = parts_without(records)
    return [record.name for record in records if record.mask is None and record.split not in bare]


def mask_notes(images: ReadSet) -> list[str]:
    """What a user should know of the masks that were read: those with nothing in them."""
    pairs = [(r.name, f.mask) for r, f in zip(images.records, images.facts, strict=True) if f.mask]
    empty = [name for name, mask in pairs if not mask.share]
    gone = [name for name, mask in pairs if mask.share and not mask.share_after]
    notes = []
    if empty:
        notes.append(f"{len(empty)} of {len(pairs)} masks are empty: {_some(empty)}")
    if gone:
        notes.append(f"{len(gone)} masks are so small that the steps empty them: {_some(gone)}")
    return notes


def same_masks(images: ReadSet) -> list[tuple[int, int, int]]:
    """Pairs (i, j, 0) of images with the very same mask: one picture twice, or one wrong mask.

    Empty and full masks and filled boxes, which differing pictures share, do not count.
    """
    first: dict[bytes, int] = {}
    pairs = []
    for index, fact in enumerate(images.facts):
        if fact.mask and fact.mask.telling:
            earlier = first.setdefault(fact.mask.digest, index)
            if earlier != index:
                pairs.append((earlier, index, 0))
    return pairs


@dataclass(frozen=True)
class MaskFindings:
    """What a look at every mask found, as plain data.

    Attributes:
        count: masks that fit their images.
        share: mean share of an image's pixels that its mask marks.
        empty: images whose mask marks nothing.
        shared: pairs of images with the very same mask.
        bare_parts: images of the publisher's parts that have no masks at all.
        lacking: other images without a mask.
        alone, unclear: masks without an image, and sentences on those that fit two.
    """

    count: int
    share: float
    empty: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]
    bare_parts: dict[str, int]
    lacking: tuple[str, ...]
    alone: tuple[str, ...]
    unclear: tuple[str, ...]


def mask_findings(image_set: ImageSet, images: ReadSet) -> MaskFindings:
    """The findings on the masks of a set of which `images` could be read."""
    assert image_set.masks, "a set with masks"
    names = [record.name for record in images.records]
    marked = [(n, f.mask.share) for n, f in zip(names, images.facts, strict=True) if f.mask]
    bare = parts_without(image_set.records)
    return MaskFindings(
        count=len(marked),
        share=sum(share for _, share in marked) / max(1, len(marked)),
        empty=tuple(name for name, share in marked if not share),
        shared=tuple((names[a], names[b]) for a, b, _ in same_masks(images)),
        bare_parts=bare,
        lacking=tuple(lacking(image_set.records)),
        alone=image_set.masks.alone,
        unclear=image_set.masks.unclear,
    )


def mask_warnings(found: MaskFindings | None) -> list[str]:
    """What a user should know of these findings."""
    if found is None:
        return []
    warnings = list(found.unclear)
    if found.lacking:
        warnings.append(f"images without a mask: {len(found.lacking)}, {_some(found.lacking)}")
    if found.alone:
        warnings.append(f"masks without an image: {len(found.alone)}, {_some(found.alone)}")
    if found.empty:
        warnings.append(f"empty masks: {len(found.empty)}, {_some(found.empty)}")
    if found.shared:
        named = [" and ".join(pair) for pair in found.shared]
        warnings.append(f"images with one and the same mask: {len(named)} pairs, {_some(named)}")
    return warnings


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + _more(names)


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
