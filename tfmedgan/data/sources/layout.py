"""What the folders around images mean: classes, parts of a split, or neither.

    CLASS/…    train/CLASS/…    CLASS/train/…    CLASS/images/… beside CLASS/masks/…

`images` and a lone folder `train` are passed through, masks are found by name, and what could be
meant in two ways is refused or noted. Everything here is about paths; no file is opened.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from tfmedgan.data.sources.left_out import is_system
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
IMAGES = ("images", "image", "imgs", "img")
MASKS = ("masks", "segmentations", "groundtruth", "groundtruths", "ground truth", "ground truths")
MASK_WORDS = {"mask", "masks", "label", "labels", "annotations", "segmentation", "segmentations",
              "gt", "truth"}  # fmt: skip
MASK_FILE = re.compile(r"(.+?)[ _-](mask|seg|segmentation|gt)([ _-]?\d+)?", re.IGNORECASE)
NAMED = 5  # folders named in a note


@dataclass(frozen=True)
class Place:
    """What the folders above an image say of it."""

    group: str  # folder of its class; "" in a flat folder
    part: str = ""  # of the publisher's split


def has_meaning(folder: str) -> bool:
    """Whether a folder of this name would be taken for something else than a class."""
    name = folder.lower()
    return is_system(folder) or name in SPLIT_NAMES or name in IMAGES or is_mask_folder(name)


def masks_among(paths: Iterable[PurePath]) -> set[PurePath]:
    """The paths that are masks: below a folder of masks, or named after an image beside them.

    A folder whose name merely holds such a word, `labels` or `lung_mask`, counts only beside one
    for images: `with_mask` and `without_mask` are classes.
    """
    paths = list(paths)
    children = defaultdict(set)
    for path in paths:
        for depth, name in enumerate(path.parts[:-1]):
            children[path.parts[:depth]].add(name)
    folders = {
        (*above, name)
        for above, names in children.items()
        for name in names
        if is_mask_folder(name)
        or (_says(name, MASK_WORDS) and any(_says(other, {*IMAGES}) for other in names))
    }
    stems = {path.with_suffix("") for path in paths}
    return {
        path
        for path in paths
        if any(path.parts[:depth] in folders for depth in range(1, len(path.parts)))
        or ((named := MASK_FILE.fullmatch(path.stem)) and path.with_name(named[1]) in stems)
    }


def understood(root: Path, paths: Iterable[PurePath]) -> tuple[dict[PurePath, Place], list[str]]:
    """The place of each image, and notes on what was not plain.

    Raises:
        InputError: for classes beside loose images, parts of a split beside other folders, two
            folders for one part, class names that differ in case only.
    """
    above = {p: tuple(n for n in p.parts[:-1] if n.lower() not in IMAGES) for p in paths}
    if len({f[:1] for f in above.values()}) == 1 and _parts_below(above.values()):
        above = {path: folders[1:] for path, folders in above.items()}
    tops = {"".join(folders[:1]) for folders in above.values()}
    parts = {top for top in tops if part_of(top)}
    notes = []
    if parts:
        _check_parts(root, parts, tops - parts)
        places = {p: Place("".join(f[1:2]), part_of(f[0])) for p, f in above.items()}
        rest = {p: f[1:] for p, f in above.items()}
        if len(parts) == 1:
            places = {path: Place(place.group) for path, place in places.items()}
            notes.append(f"{root}: {tops.pop()} stands alone, so it is no part of a split")
    elif _parts_below(above.values()):
        places = {p: Place(f[0], part_of(f[1])) for p, f in above.items()}
        rest = {p: (f[0], *f[2:]) for p, f in above.items()}
    else:
        places = {p: Place("".join(f[:1])) for p, f in above.items()}
        rest = above
    _check_classes(root, places)
    return places, notes + list(_nested(root, rest))


def is_mask_folder(folder: str) -> bool:
    """Whether a folder of this name holds masks, whatever is beside it."""
    return " ".join(re.split(r"[\W_]+", folder.lower())) in MASKS


def folder_words(folder: str) -> list[str]:
    """The words of a folder's name, in small letters."""
    return re.split(r"[\W_]+", folder.lower())


def _says(folder: str, words: set[str]) -> bool:
    return not words.isdisjoint(folder_words(folder))


def part_of(folder: str) -> str:
    """The part of a split that a folder of this name means; "" for none."""
    return SPLIT_NAMES.get(folder.lower(), "")


def _parts_below(folders: Iterable[tuple[str, ...]]) -> bool:
    """Whether every class is divided into parts of a split."""
    second = {"".join(names[1:2]) for names in folders}
    return len(second) > 1 and all(map(part_of, second))


def _check_parts(root: Path, parts: set[str], others: set[str]) -> None:
    named = ", ".join(sorted(parts))
    if others:
        what = ", ".join(sorted(name or "loose images" for name in others))
        raise InputError(
            f"{root}: {named} is named as a part of a split, but {what} stands beside it; move "
            "one of them away, or name the class otherwise"
        )
    meanings = {part_of(name) for name in parts}
    require(
        len(meanings) == len(parts),
        f"{root}: two of the folders {named} mean the same part of a split; keep one",
    )


def _check_classes(root: Path, places: dict[PurePath, Place]) -> None:
    groups = {place.group for place in places.values()}
    if "" in groups and len(groups) > 1:
        stray = next(path for path, place in places.items() if not place.group)
        raise InputError(
            f"{root}: holds both class folders and loose images such as {stray}; "
            "move every image into a class folder, or none"
        )
    alike = defaultdict(list)
    for group in sorted(groups):
        alike[" ".join(unicodedata.normalize("NFKC", group).casefold().split())].append(group)
    for names in alike.values():
        require(
            len(names) == 1,
            f"{root}: the class folders {' and '.join(map(repr, names))} differ only in upper and "
            "lower case or blanks; make them one, or give them different names",
        )


def _nested(root: Path, rest: dict[PurePath, tuple[str, ...]]) -> Iterator[str]:
    """What to know about folders below class folders, which are read as parts of them."""
    inner = sorted({"/".join(folders[:2]) for folders in rest.values() if len(folders) > 1})
    if not inner:
        return
    classes = sorted({folders[0] for folders in rest.values()})
    some = ", ".join(inner[:NAMED]) + (", …" if len(inner) > NAMED else "")
    if len(classes) == 1 and len(inner) > 1:
        yield (
            f"{root}: one class, {classes[0]}, with {len(inner)} folders in it ({some}); if these "
            "are the classes, give that folder to --data"
        )
    else:
        yield (
            f"{root}: {len(classes)} classes, {', '.join(classes[:NAMED])}; the "
            f"{len(inner)} folders in them ({some}) count as parts of these classes"
        )
