"""A folder of images: a subfolder per class, or flat; also under train, validation, test."""

from collections.abc import Iterator
from pathlib import Path, PurePath

from tfmedgan.data.class_folders import class_name
from tfmedgan.data.readers import DICOM, SUFFIXES, read_mask, read_record
from tfmedgan.data.records import ImageSet, Masks, Record
from tfmedgan.data.sources.checksums import FILE as CHECKSUMS
from tfmedgan.data.sources.checksums import with_checksums
from tfmedgan.data.sources.layout import masks_among, part_of, understood
from tfmedgan.data.sources.left_out import LeftOut, is_system, other_kind
from tfmedgan.data.sources.mask_pairs import mask_pairs
from tfmedgan.data.sources.paths import existing_folder, walk
from tfmedgan.errors import require


def open_folder(source: str) -> ImageSet:
    """The images below a folder, as `tfmedgan.data.sources.layout` understands it.

    The card's notes say which files were left out, and what in the layout was not plain. Masks
    are among these files: they are no images, but those of the images beside them.

    Raises:
        InputError: for an absent or empty folder, and a layout that can be meant in two ways.
    """
    root = existing_folder(source)
    left, paths = LeftOut(), []
    for path in walk(root, left):
        kind = other_kind(path)
        name = path.relative_to(root)
        if not kind:
            paths.append(name)
        elif kind != CHECKSUMS:
            left.add(kind, name.as_posix())
    masks = masks_among(paths)
    paths = [path for path in paths if path not in masks]
    pairs = mask_pairs(paths, masks)
    note = list(left.note(root))
    require(bool(paths), "; ".join([f"{root}: no images in this folder", *note]))
    places, unclear = understood(root, paths)
    groups = sorted({place.group for place in places.values()} - {""}, key=class_name)
    records = tuple(
        Record(
            name=path.as_posix(),
            label=groups.index(places[path].group) if groups else 0,
            location=root / path,
            group=patient_of(root / path),
            split=places[path].part,
            mask=root / pairs.of[path] if path in pairs.of else None,
        )
        for path in paths
    )
    notes = (*note, *unclear, *_without_images(root, [*paths, *masks]))
    card = {"title": root.name, "files_ignored": left.names_shown(), "notes": notes}
    with_masks = Masks(read_mask, card, pairs.alone, pairs.unclear) if masks else None
    card = card | _without_masks(root, card, masks, bool(pairs.of)) if masks else card
    names = tuple(map(class_name, groups))
    names = names if len(set(names)) == len(names) else tuple(groups)
    checked = with_checksums(root, records)
    return ImageSet(source, names, checked, read_record, card, masks=with_masks)


def _without_masks(root: Path, card: dict, masks: set[PurePath], usable: bool) -> dict:
    """Entries of the card that tell of masks which are not used."""
    names = sorted(path.as_posix() for path in masks)
    hint = "; tfmedgan-train --masks uses them" if usable else ""
    return {
        "files_ignored": sorted([*card["files_ignored"], *names]),
        "notes": (*card["notes"], f"{root}: {len(names)} masks left out{hint}"),
    }


def patient_of(path: Path) -> str:
    """The patient whom a DICOM file names; "" for other files."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES and suffix not in DICOM[1]:
        return ""
    from tfmedgan.data.dicom import patient

    return patient(path)


def _without_images(root: Path, paths: list[PurePath]) -> Iterator[str]:
    """A note on the folders in which a class, or a part of a split, could have been."""
    full = {path.parts[:depth] for path in paths for depth in range(len(path.parts))}
    places = [root / parts[0] for parts in full if len(parts) == 1 and part_of(parts[0])]
    empty = sorted(
        folder.relative_to(root).as_posix()
        for place in (root, *places)
        for folder in place.iterdir()
        if folder.is_dir() and folder.relative_to(root).parts not in full
        and not is_system(folder.name)
    )  # fmt: skip
    if empty:
        yield f"{root}: no images in {', '.join(empty)}"
