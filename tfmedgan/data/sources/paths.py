"""Paths that stay inside the folder the user named."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from tfmedgan.data.sources.left_out import LeftOut, is_system, system_kind
from tfmedgan.errors import InputError, require


def existing_folder(path: str | Path, origin: str = "") -> Path:
    """The folder as a path.

    Raises:
        InputError: when it is absent or not a folder; `origin`, if any, is what named it.
    """
    folder, named = Path(path).expanduser(), f"{origin}: " if origin else ""
    require(folder.exists(), f"{named}folder {folder} does not exist")
    require(folder.is_dir(), f"{named}{folder} is not a folder")
    return folder


def inside(root: Path, relative: str | Path) -> Path:
    """`root / relative`.

    Raises:
        InputError: when that leaves `root`, by `..`, by an absolute path or by a link.
    """
    path = root / relative
    try:
        real, home = os.path.realpath(path), os.path.realpath(root)
    except (OSError, ValueError):
        raise InputError(f"{root}: {str(relative)!r} is not a path") from None
    steps_out = ".." in Path(relative).parts or Path(relative).is_absolute()
    require(
        not steps_out and Path(real).is_relative_to(home),
        f"{path}: leads outside of {root}; only files inside the folder are read",
    )
    return path


def walk(root: Path, left: LeftOut) -> Iterator[Path]:
    """Every file below `root` in a stable order; hidden ones and a system's own go to `left`.

    Raises:
        InputError: for a link to a folder (it could loop) and for a link that leaves `root`.
    """
    for folder, subfolders, files in os.walk(root, onerror=_unreadable):
        below = Path(folder).relative_to(root)
        for name in filter(is_system, subfolders):
            inner = [below / name / file for file in _files(Path(folder, name))]
            left.add(system_kind(name), *map(str, inner))
        subfolders[:] = sorted(name for name in subfolders if not is_system(name))
        for name in subfolders:
            link = Path(folder, name)
            require(
                not link.is_symlink(),
                f"{link}: is a link to a folder; such links are not followed, give a real folder",
            )
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_symlink():
                inside(root, path.relative_to(root))
            if is_system(name):
                left.add(system_kind(name), str(below / name))
            else:
                yield path


def _files(folder: Path) -> list[Path]:
    """All files below a folder, relative to it."""
    return [Path(place, name).relative_to(folder) for place, _, names in os.walk(folder)
            for name in names]  # fmt: skip


def _unreadable(error: OSError) -> NoReturn:
    raise InputError(f"{error.filename}: cannot be listed: {error.strerror}")
