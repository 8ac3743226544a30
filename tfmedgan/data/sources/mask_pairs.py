"""Which mask in a folder is that of which image, by their paths alone.

images/a.png and masks/a.png    train/images/a.jpg and train/labels/a.png
a.png and a_mask.png
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath

from tfmedgan.data.sources.layout import IMAGES, MASK_FILE, MASK_WORDS, folder_words, is_mask_folder

Key = tuple[str, ...]


@dataclass(frozen=True)
class MaskPairs:
    """What was found beside the images."""

    of: dict[PurePath, PurePath]  # mask by image
    alone: tuple[str, ...]  # masks without an image
    unclear: tuple[str, ...]  # sentences on masks that could belong to two


def mask_pairs(images: Collection[PurePath], masks: Collection[PurePath]) -> MaskPairs:
    """The masks by their images: alike but for the words of images and masks in their paths."""
    images_of, pairs, unclear = defaultdict(list), defaultdict(list), []
    for path in images:
        images_of[_key(path)].append(path)
    alone = []
    for mask in sorted(masks):
        owners = images_of.get(_key(mask)) or images_of.get(_bare_key(mask)) or []
        if len(owners) > 1:
            unclear.append(f"{mask.as_posix()} could be the mask of {_listed(owners)}; rename one")
        elif owners:
            pairs[owners[0]].append(mask)
        else:
            alone.append(mask.as_posix())
    for image, several in pairs.items():
        if len(several) > 1:
            unclear.append(f"{image.as_posix()} has the masks {_listed(several)}; keep one")
    return MaskPairs({i: m[0] for i, m in pairs.items()}, tuple(alone), tuple(unclear))


def _key(path: PurePath) -> Key:
    """Folders, without words for images and masks, and the name without its extension."""
    return (*filter(None, map(_neutral, path.parts[:-1])), path.stem)


def _bare_key(mask: PurePath) -> Key:
    named = MASK_FILE.fullmatch(mask.stem)
    return _key(mask.with_name(f"{named[1]}.png")) if named else ()


def _neutral(folder: str) -> str:
    if is_mask_folder(folder):
        return ""
    return " ".join(w for w in folder_words(folder) if w not in MASK_WORDS | {*IMAGES})


def _listed(paths: Collection[PurePath]) -> str:
    return " and ".join(path.as_posix() for path in paths)
