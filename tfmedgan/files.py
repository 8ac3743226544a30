"""Writing files so that a reader sees the old content or the new, never half of it."""

import csv
import hashlib
import io
import json
import math
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tfmedgan.errors import InputError

# Without waiting for a pipe's writer, and on Windows without translating the ends of lines.
READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@contextmanager
def replacing(path: Path, suffix: str = "") -> Iterator[Path]:
    """A file beside `path` to fill, which replaces it at the end, or is gone after an error.

    Args:
        suffix: of its name until then, for libraries that go by it. Without one, what a killed
            process leaves is taken for nothing else.
    """
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # a full disk does not say which file it was
        raise


def open_at_once(path: Path) -> IO[bytes]:
    """A file to read from; a pipe that nobody writes to is an empty one, or an `OSError`."""
    return open(path, "rb", opener=lambda name, _: os.open(name, READING))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step."""
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode())


def finite(data: Any) -> Any:
    """Plain data with None for what is not finite, which JSON has no words for."""
    if isinstance(data, dict):
        return {key: finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def write_json(path: Path, data: Any) -> None:
    write_text(path, json.dumps(data, indent=2) + "\n")


def append_text(path: Path, text: str) -> None:
    """Add to a file, or make it; all of the text or none of it."""
    path = Path(path)
    write_text(path, (path.read_text() if path.exists() else "") + text)


def read_json(path: Path) -> dict:
    """The object in a JSON file that was written here.

    Raises:
        InputError: when it cannot be read or is no whole JSON.
    """
    try:
        return json.loads(path.read_text())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path}: is no whole JSON file; restore it from a backup") from error


def read_json_if_there(path: Path) -> dict:
    """The same; empty if there is no file."""
    return read_json(path) if path.exists() else {}


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """A folder beside `path` to fill, which becomes `path` at the end, or nothing on an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.parent / f".{path.name}.{uuid.uuid4().hex[:8]}"
    try:  # named before it is made: a signal may come in between
        staging.mkdir(0o700)
        yield staging
        staging.chmod(0o777 & ~_umask())
        staging.rename(path)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


@contextmanager
def adding_to(path: Path) -> Iterator[Path]:
    """A folder to fill, whose files go to the folder `path` at the end, or nowhere on an error.

    What is there already stays, but for files of the same names.
    """
    path = Path(path)
    near = next(folder for folder in path.absolute().parents if folder.is_dir())
    with tempfile.TemporaryDirectory(dir=near, prefix=f".{path.name}.") as staging:
        yield Path(staging)
        for file in sorted(p for p in Path(staging).rglob("*") if p.is_file()):
            target = path / file.relative_to(staging)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, target)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of the files in a folder."""
    total = hashlib.sha256()
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        if path.is_dir():
            total.update(os.fsencode(file.relative_to(path).as_posix()) + b"\0")
        with open(file, "rb") as stream:
            while block := stream.read(2**20):
                total.update(block)
    return total.hexdigest()


@contextmanager
def locked(path: Path, wait: bool = True) -> Iterator[bool]:
    """Hold the lock that a file stands for; the file is made if need be, and stays.

    The system frees the lock when the process ends, however that happens.

    Args:
        wait: for another process that holds it; without, False is given if there is one.
    """
    with open(path, "a") as file:
        yield _lock(file, wait)


def _lock(file: IO[str], wait: bool) -> bool:
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
    import msvcrt

    while True:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            return True
        except OSError:  # also after ten seconds of waiting
            if not wait:
                return False


def csv_text(rows: Iterable[dict]) -> str:
    """Rows with the same keys as CSV text, header first."""
    rows = list(rows)
    buffer = io.StringIO()
    if rows:
        writer = csv.DictWriter(buffer, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return buffer.getvalue()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
