"""A manifest and a folder → the records that its CSV files and patterns list."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tfmedgan.data.manifest import Listing, Manifest, find_manifest
from tfmedgan.data.readers import read_record
from tfmedgan.data.records import ImageSet, Record
from tfmedgan.data.sources.folder import SPLIT_NAMES
from tfmedgan.data.sources.paths import IMAGE_SUFFIXES, existing_folder, inside, is_image
from tfmedgan.errors import InputError, require

NAMED_IN_ERRORS = 5


def open_manifest(source: str, allow_missing: bool = False) -> ImageSet:
    """`manifest:NAME[:DIR]` or the path of a manifest YAML.

    Without DIR the files are sought in the folder NAME here, or beside the YAML file.

    Raises:
        InputError: for listed images that are absent (counted and named), columns that are
            not there, labels that are not among the classes, two files for one name.
    """
    name, _, folder = source.removeprefix("manifest:").partition(":")
    manifest = find_manifest(name)
    is_file = Path(name).suffix != ""
    folder = folder or (str(Path(name).parent) if is_file else name)
    require(
        Path(folder).exists(),
        f"--data {source}: folder {folder} does not exist; write manifest:{name}:DIR. "
        f"To get the files: {manifest.obtain}",
    )
    root = _root(manifest, existing_folder(folder, f"--data {source}"))
    records, missing = [], []
    for listing in manifest.layout:
        found = _from_csv if listing.csv else _from_glob
        for record in found(manifest, listing, root):
            (records if record.location else missing).append(record)
    _check_missing(root, records, missing, allow_missing)
    card = manifest.card() | {"missing": [record.name for record in missing]}
    aliases = {c.label: c.name for c in manifest.classes}
    names = tuple(c.name for c in manifest.classes)
    return ImageSet(source, names, tuple(records), read_record, card, aliases)


def _root(manifest: Manifest, folder: Path) -> Path:
    """The subfolder of `folder` in which the layout begins."""
    wanted = [part.csv or part.glob.split("*")[0] for part in manifest.layout]
    for candidate in manifest.roots:
        root = inside(folder, candidate)
        if all(inside(root, path).exists() for path in wanted):
            return root
    raise InputError(
        f"{folder}: {', '.join(repr(p) for p in wanted)} not found there"
        + (f" or in {', '.join(manifest.roots)}" if manifest.roots != (".",) else "")
        + f"; to get {manifest.title}: {manifest.obtain}"
    )


def _from_glob(manifest: Manifest, listing: Listing, root: Path) -> Iterator[Record]:
    label = _label(manifest, listing.label, f"{manifest.name}: layout {listing.glob}")
    for path in sorted(root.glob(listing.glob)):
        if is_image(path):
            name = path.relative_to(root).as_posix()
            group = _group(manifest, path.stem)
            yield Record(name, label, inside(root, name), group, listing.split)


def _from_csv(manifest: Manifest, listing: Listing, root: Path) -> Iterator[Record]:
    path = inside(root, listing.csv)
    seen: dict[str, int] = {}
    for line, row in _rows(path, listing):
        name, where = row[listing.name], f"{path} line {line}"
        require(name not in seen, f"{where}: {name} was already listed in line {seen.get(name)}")
        seen[name] = line
        label = _label(manifest, row[listing.label] if listing.label else "", where)
        split = _split(row[listing.split_column], where) if listing.split_column else listing.split
        file = _image_file(root, listing.image.format(name=name), where)
        group = row[listing.patient] if listing.patient else _group(manifest, Path(name).stem)
        shown = (file or root / listing.image.format(name=name)).relative_to(root).as_posix()
        yield Record(shown, label, file, group, split)


def _rows(path: Path, listing: Listing) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows with their line numbers; blanks around names and values are dropped."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file)
            header = [column.strip() for column in next(reader, [])]
            wanted = [listing.name, listing.label, listing.patient, listing.split_column]
            absent = [repr(c) for c in wanted if c and c not in header]
            require(
                not absent,
                f"{path}: no column {', '.join(absent)}; it has: "
                + ", ".join(repr(c) for c in header if c),
            )
            for values in reader:
                row = dict(zip(header, (value.strip() for value in values), strict=False))
                if any(row.values()):
                    absent = [c for c in wanted if c and not row.get(c) and c != listing.patient]
                    line = reader.line_num
                    require(not absent, f"{path} line {line}: no value for {', '.join(absent)}")
                    yield line, {"": "", listing.patient: "", **row}
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from None


def _label(manifest: Manifest, label: str, where: str) -> int:
    labels = [c.label for c in manifest.classes]
    if not labels:
        return 0
    require(label in labels, f"{where}: label {label!r} is none of {', '.join(labels)}")
    return labels.index(label)


def _split(value: str, where: str) -> str:
    split = SPLIT_NAMES.get(value.lower())
    require(split is not None, f"{where}: {value!r} is none of {', '.join(SPLIT_NAMES)}")
    return split


def _image_file(root: Path, relative: str, where: str) -> Path | None:
    path = inside(root, relative)
    if is_image(path):
        return path if path.is_file() else None
    found = [p for p in (path.with_name(path.name + s) for s in _suffixes()) if p.is_file()]
    require(
        len(found) < 2,
        f"{where}: two files for one name: {', '.join(p.name for p in found)}; remove one",
    )
    return inside(root, found[0].relative_to(root)) if found else None


def _suffixes() -> list[str]:
    return [form for suffix in IMAGE_SUFFIXES for form in (suffix, suffix.upper())]


def _group(manifest: Manifest, stem: str) -> str:
    for pattern in (manifest.group_pattern, manifest.patient_pattern):
        match = re.match(pattern, stem) if pattern else None
        if match:
            return match.group(1)
    return ""


def _check_missing(root: Path, records: list, missing: list, allow_missing: bool) -> None:
    listed = Counter(record.split for record in records + missing)
    absent = Counter(record.split for record in missing)
    counts = " and ".join(f"{absent[k]} of {listed[k]} {k}".rstrip() for k in listed if absent[k])
    names = [PurePosixPath(record.name).name for record in missing]
    more = f" and {len(names) - NAMED_IN_ERRORS} more" if len(names) > NAMED_IN_ERRORS else ""
    require(
        allow_missing or not missing,
        f"{root}: listed images are missing, {counts}: "
        f"{', '.join(names[:NAMED_IN_ERRORS])}{more}; add them, or go on with --allow-missing",
    )
    require(bool(records), f"{root}: none of the {len(missing)} listed images is there")
