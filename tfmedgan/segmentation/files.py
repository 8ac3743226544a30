"""Which images of a folder get masks, and where those go. No TensorFlow."""

from collections.abc import Sequence
from pathlib import Path

from tfmedgan.data.sources.layout import masks_among
from tfmedgan.data.sources.left_out import LeftOut, other_kind
from tfmedgan.data.sources.paths import existing_folder, walk
from tfmedgan.errors import require

OVERLAYS = Path("overlays")  # folder within that of the masks


def images_below(folder: Path) -> list[Path]:
    """The image files of a folder and those below it, without masks, relative to it.

    Raises:
        InputError: when there are none.
    """
    root, left = existing_folder(folder, "predict"), LeftOut()
    paths = [path.relative_to(root) for path in walk(root, left) if not other_kind(path)]
    masks = masks_among(paths)
    paths = [path for path in paths if path not in masks]
    require(bool(paths), f"{root}: no images in this folder")
    return paths


def targets(paths: Sequence[Path], out: Path, overlay: bool) -> dict[Path, list[Path]]:
    """Where the mask of each image goes, and its overlay.

    Raises:
        InputError: for a file that is there already, or that two images would have.
    """
    places: dict[Path, list[Path]] = {}
    owners: dict[Path, Path] = {}
    for path in paths:
        names = [path.with_suffix(".png"), *([OVERLAYS / path.with_suffix(".png")] * overlay)]
        places[path] = [out / name for name in names]
        for place in places[path]:
            other = owners.setdefault(place, path)
            require(other == path, f"{place}: both {other} and {path} would go there; rename one")
            require(not place.exists(), f"{place}: exists already; choose another --out")
    return places
