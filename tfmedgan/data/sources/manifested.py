"""A manifest and a folder → the data set it describes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tfmedgan.data.manifest import Manifest
from tfmedgan.data.manifest_file import find_manifest
from tfmedgan.data.readers import read_mask, read_record
from tfmedgan.data.records import ImageSet, Masks, Record
from tfmedgan.data.sources.checksums import with_checksums
from tfmedgan.data.sources.idx import open_idx
from tfmedgan.data.sources.listings import Listings
from tfmedgan.data.sources.npz import open_npz
from tfmedgan.data.sources.paths import existing_folder, inside
from tfmedgan.errors import InputError, require

NAMED = 5  # missing images named in an error


def open_manifest(
    source: str, allow_missing: bool = False, skip_bad: bool = False, classes: tuple[str, ...] = ()
) -> ImageSet:
    """`manifest:NAME[:DIR]`, or the path of a manifest YAML, optionally with `:DIR`.

    Without DIR the files are sought in the folder NAME here, or beside the YAML file. Only
    images of `classes`, where some are given, have to be there.

    Raises:
        InputError: for listed images that are absent (counted and named), columns that are
            not there, labels that are not among the classes, two files for one name.
    """
    return described(source, *locate(source), allow_missing, skip_bad, classes)


def described(
    source: str,
    manifest: Manifest,
    root: Path,
    allow_missing: bool = False,
    skip_bad: bool = False,
    classes: tuple[str, ...] = (),
) -> ImageSet:
    """The data set of a manifest whose layout begins in `root`; else as `open_manifest`."""
    aliases = {c.label: c.name for c in manifest.classes}
    if manifest.layout[0].arrays:
        arrays = _arrays(source, manifest, root)
        return replace(arrays, card=arrays.card | manifest.card(), aliases=aliases)
    listings = Listings(manifest, root, skip_bad)
    records = listings.records()
    require(bool(records), f"{root}: no images found{_why_none(listings)}")
    _check_unique(root, records)
    names = tuple(c.name for c in manifest.classes)
    if not allow_missing:
        chosen = {aliases.get(name, name) for name in classes or names}
        _check_complete(root, names, chosen, records, listings.missing)
    card = manifest.card() | {
        "missing": [name for name, *_ in listings.missing],
        "skipped": listings.skipped,
        "files_ignored": listings.left.names_shown(),
        "notes": (
            *listings.left.note(root),
            *_without_patients(root, manifest, records),
            *_without_part(root, manifest, records),
        ),
    }
    checked = with_checksums(root, tuple(records), manifest.checksums)
    masks = Masks(read_mask) if manifest.has_masks else None
    return ImageSet(source, names, checked, read_record, card, aliases, masks)


def _without_patients(root: Path, manifest: Manifest, records: Sequence[Record]) -> Iterator[str]:
    """A note on images whose patient is not known although the manifest says where it stands."""
    told = manifest.patient_pattern or any(listing.patient for listing in manifest.layout)
    unknown = [record.name for record in records if not record.group]
    if told and unknown:
        yield (
            f"{root}: {len(unknown)} of {len(records)} images name no patient, such as "
            f"{unknown[0]}; each counts as a patient of its own, and images of one can come on "
            "both sides of the split"
        )


def _without_part(root: Path, manifest: Manifest, records: Sequence[Record]) -> Iterator[str]:
    """A note on each of the publisher's parts for which no image was found."""
    found = {record.split for record in records}
    for split in dict.fromkeys(listing.split for listing in manifest.layout):
        patterns = [listing.glob for listing in manifest.layout if listing.split == split]
        if split and all(patterns) and split not in found:
            yield f"{root}: no image of the {split} part; none fits {' or '.join(patterns)}"


def locate(source: str) -> tuple[Manifest, Path]:
    """The manifest that a source names, and the folder in which its layout begins.

    Raises:
        InputError: for an unknown manifest or a folder without its files.
    """
    name, _, folder = source.removeprefix("manifest:").partition(":")
    manifest = find_manifest(name)
    is_file = Path(name).suffix.lower() in (".yaml", ".yml")
    folder = folder or (str(Path(name).parent) if is_file else name)
    require(
        Path(folder).expanduser().exists(),
        f"--data {source}: folder {folder} does not exist; write manifest:{name}:DIR. "
        f"To get the files: {manifest.obtain}",
    )
    return manifest, _root(manifest, existing_folder(folder, f"--data {source}"))


def _root(manifest: Manifest, folder: Path) -> Path:
    """The subfolder of `folder` in which the layout begins: all its lists, and some of its files.

    Raises:
        InputError: when there is none.
    """
    needed = [part.csv or part.arrays for part in manifest.layout if not part.glob]
    patterns = [_fixed(part.glob) for part in manifest.layout if part.glob]
    for candidate in manifest.roots:
        root = inside(folder, candidate)
        there = [inside(root, path).exists() for path in patterns]
        if all(inside(root, path).exists() for path in needed) and (any(there) or not there):
            return root
    wanted = ", ".join(repr(path) for path in needed or patterns)
    also = f" or in {', '.join(manifest.roots[1:])}" if len(manifest.roots) > 1 else ""
    raise InputError(
        f"{folder}: there is no {wanted} in it{also}; to get {manifest.title}: {manifest.obtain}"
    )


def _fixed(pattern: str) -> str:
    """The folders of a pattern before its first wildcard."""
    parts = PurePosixPath(pattern).parts
    wild = [index for index, part in enumerate(parts) if set(part) & set("*?[")]
    return str(PurePosixPath(*parts[: wild[0]])) if wild else pattern


def _why_none(listings: Listings) -> str:
    """The reason for a set without images, as far as the manifest's lists tell."""
    if listings.skipped:
        reason = listings.skipped[0][1]
        return f"; the first of {len(listings.skipped)} lines that cannot be used: {reason}"
    if listings.missing:
        return f"; none of the {len(listings.missing)} listed is there"
    return "".join(f"; {note}" for note in listings.left.note(listings.root))


def _arrays(source: str, manifest: Manifest, root: Path) -> ImageSet:
    names = tuple(c.name for c in manifest.classes)
    path = inside(root, manifest.layout[0].arrays)
    if path.suffix.lower() == ".npz":
        return open_npz(source, path, names)
    return open_idx(source, path, names)


def _check_unique(root: Path, records: list) -> None:
    twice = [name for name, count in Counter(r.name for r in records).items() if count > 1]
    require(not twice, f"{root}: listed twice: {', '.join(twice[:NAMED])}; list each image once")


def _check_complete(
    root: Path, names: tuple[str, ...], chosen: set[str], records: list, missing: list
) -> None:
    """Raise `InputError` unless every chosen class has images, and all that are listed."""
    wanted = {label for label, name in enumerate(names) if name in chosen} if names else {0}
    here = [record for record in records if record.label in wanted]
    _check_missing(root, here, [entry for entry in missing if entry[2] in wanted])
    labels = {record.label for record in here}
    empty = [name for label, name in enumerate(names) if label in wanted - labels]
    require(
        not empty,
        f"{root}: no images of {', '.join(empty)}; add them, choose others with --classes, or "
        "go on with --allow-missing",
    )


def _check_missing(root: Path, records: list, missing: list[tuple[str, str, int]]) -> None:
    absent = Counter(split for _, split, _ in missing)
    listed = Counter(record.split for record in records) + absent
    counts = " and ".join(f"{absent[k]} of {listed[k]} {k}".rstrip() for k in listed if absent[k])
    names = [PurePosixPath(name).name for name, *_ in missing]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    require(
        not missing,
        f"{root}: listed images are missing, {counts}: {', '.join(names[:NAMED])}{more}; "
        "add them, or go on with --allow-missing",
    )
