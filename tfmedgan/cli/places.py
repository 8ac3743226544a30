"""Where commands write: new runs by their time, and places that are refused before any work."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from tfmedgan.errors import InputError, require

LONGEST_NAME = 255  # bytes, of a file or folder
LEAST_FREE = 256 << 20  # bytes; a run of the default architecture takes about a quarter of it


def new_run(name: str) -> Path:
    """Where a command writes without --out."""
    return Path("runs") / f"{name.replace('/', '-')}-{datetime.now():%Y%m%d-%H%M%S}"


def new_place(out: Path | None, name: str) -> Path:
    """Where a command writes: --out or, without, a new run; a new directory in any case."""
    place = out or new_run(name)
    check_new_directory("--out", place)
    return place


def check_new_directory(option: str, path: Path, least: int = LEAST_FREE) -> None:
    """Raise `InputError` unless a new directory can be made at `path`, with room in it.

    Args:
        least: bytes that must be free.
    """
    require(not path.exists(), f"{option} {path}: exists already; choose another")
    check_directory(option, path, least)


@contextmanager
def kept_if_done(path: Path | None) -> Iterator[None]:
    """The folder, if any, goes again when the work is refused and it was not there before."""
    lineage = (path, *path.parents) if path else ()
    new = [folder for folder in lineage if not folder.exists()]
    try:
        yield
    except InputError:
        for folder in new[:1]:
            shutil.rmtree(folder, ignore_errors=True)
        for folder in new[1:]:
            with suppress(OSError):  # another process may have used it since
                folder.rmdir()
        raise


def check_directory(option: str, path: Path, least: int = 1 << 20) -> None:
    """Raise `InputError` unless `path` is a directory to write in, or can become one.

    Args:
        least: bytes that must be free.
    """
    lineage = (path.absolute(), *path.absolute().parents)
    require(
        max(len(os.fsencode(part)) for part in lineage[0].parts) <= LONGEST_NAME,
        f"{option}: a name in it has over {LONGEST_NAME} bytes; choose a shorter one",
    )
    home = next(place for place in lineage if place.exists())
    require(home.is_dir(), f"{option} {path}: {home} is not a directory")
    require(
        os.access(home, os.W_OK | os.X_OK), f"{option} {path}: no permission to write in {home}"
    )
    free = shutil.disk_usage(home).free
    require(
        free >= least,
        f"{option} {path}: {free >> 20} MiB free on this disk; at least {least >> 20} needed",
    )
