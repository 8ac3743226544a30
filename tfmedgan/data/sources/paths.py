"""Paths that stay inside the folder the user named."""

import os
from collections.abc import Iterator
from pathlib import Path

from tfmedgan.data.readers import SUFFIXES
from tfmedgan.errors import InputError, require


def existing_folder(path: str | Path, origin: str) -> Path:
    """The folder as a path.

    Raises:
        InputError: when it is absent or not a folder.
    """
    folder = Path(path).expanduser()
    require(folder.exists(), f"{origin}: folder {folder} does not exist")
    require(folder.is_dir(), f"{origin}: {folder} is not a folder")
    return folder


def inside(root: Path, relative: str | Path) -> Path:
    """`root / relative`.

    Raises:
        InputError: when that leaves `root`, by `..`, by an absolute path or by a link.
    """
    path = root / relative
    try:
        real, home = os.path.realpath(path), os.path.realpath(root)
    except (OSError, ValueError) as error:
        raise InputError(f"{root}: {str(relative)!r} is not a path: {error}") from None
    steps_out = ".." in Path(relative).parts or Path(relative).is_absolute()
    require(
        not steps_out and Path(real).is_relative_to(home),
        f"{path}: leads outside of {root}; only files inside the folder are read",
    )
    return path


def walk(root: Path) -> Iterator[Path]:
    """Every file below `root` in a stable order, hidden ones left out.

    Raises:
        InputError: for a link to a folder (it could loop) and for a link that leaves `root`.
    """
    for folder, subfolders, files in os.walk(root, onerror=_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
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
            if not name.startswith("."):
                yield path


def is_image(path: Path) -> bool:
    """Whether the suffix is one that `tfmedgan.data.readers` reads."""
    return path.suffix.lower() in SUFFIXES


def _unreadable(error: OSError):
    raise InputError(f"{error.filename}: cannot be listed: {error.strerror}")
