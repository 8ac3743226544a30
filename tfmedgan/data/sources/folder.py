"""A folder of images: a subfolder per class, or flat; also under train, validation, test."""

from pathlib import Path

from tfmedgan.data.readers import DICOM, read_record
from tfmedgan.data.records import ImageSet, Record
from tfmedgan.data.sources.checksums import FILE as CHECKSUMS
from tfmedgan.data.sources.checksums import with_checksums
from tfmedgan.data.sources.paths import existing_folder, is_image, walk
from tfmedgan.errors import InputError, require

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}


def open_folder(source: str) -> ImageSet:
    """The images below a folder.

    Subfolders named train, validation and test are the publisher's split; below them, or
    directly, each subfolder is a class. Without subfolders the set has no classes.

    Raises:
        InputError: for an absent or empty folder, and images beside class folders.
    """
    root = existing_folder(source, "--data")
    paths, others = [], []
    for path in walk(root):
        if path.name == CHECKSUMS:
            continue
        (paths if is_image(path) else others).append(path.relative_to(root))
    require(bool(paths), f"{root}: no images in this folder; expected PNG, JPEG, BMP, TIFF, DICOM")
    split_parts = _split_depth(paths)
    class_of = {path: _class_of(path, split_parts) for path in paths}
    names = _class_names(root, class_of)
    records = tuple(
        Record(
            name=path.as_posix(),
            label=names.index(class_of[path]) if names else 0,
            location=root / path,
            group=patient_of(root / path),
            split=SPLIT_NAMES[path.parts[0].lower()] if split_parts else "",
        )
        for path in paths
    )
    card = {"title": root.name, "files_ignored": [path.as_posix() for path in others]}
    return ImageSet(source, names, with_checksums(root, records), read_record, card)


def patient_of(path: Path) -> str:
    """The patient whom a DICOM file names; "" for other files."""
    if path.suffix.lower() not in DICOM[1]:
        return ""
    from tfmedgan.data.dicom import patient

    return patient(path)


def _split_depth(paths: list[Path]) -> int:
    """1 when every image lies below a folder named as a part of a split, else 0."""
    tops = {path.parts[0].lower() if len(path.parts) > 1 else "" for path in paths}
    return int(len(tops) > 1 and tops <= set(SPLIT_NAMES))


def _class_of(path: Path, depth: int) -> str:
    return path.parts[depth] if len(path.parts) > depth + 1 else ""


def _class_names(root: Path, class_of: dict[Path, str]) -> tuple[str, ...]:
    found = set(class_of.values())
    if found == {""}:
        return ()
    if "" in found:
        stray = next(path for path, name in class_of.items() if not name)
        raise InputError(
            f"{root}: holds both class folders and loose images such as {stray}; "
            "move every image into a class folder, or none"
        )
    return tuple(sorted(found))
