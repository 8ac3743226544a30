"""Where prepared images live: in memory when they are few, else in one file that is read by rows.

Files are plain `.npy`. They are written and read by position instead of through a memory
map, because mapped pages count as the process's memory.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfmedgan.errors import JobError

IN_MEMORY = 512 << 20  # bytes of prepared images; more go to disk
ROWS = 256  # images moved at a time


@dataclass
class Store:
    """Room for `count` uint8 images of one shape, filled from several threads."""

    count: int
    shape: tuple[int, int, int]
    folder: Path | None  # None: in memory

    def __post_init__(self) -> None:
        self.images = self._room("all", self.count)

    def _room(self, name: str, count: int) -> np.ndarray:
        if self.folder is None:
            return np.zeros((count, *self.shape), np.uint8)
        return create(self.folder / f"{name}.npy", count, self.shape)

    def put(self, index: int, image: np.ndarray) -> None:
        """Write the image at its place."""
        write_rows(self.images, index, image[np.newaxis])

    def part(self, name: str, rows: list[int]) -> np.ndarray:
        """The images of `rows`, in that order; as a file when the store is one."""
        target = self._room(name, len(rows))
        for start in range(0, len(rows), ROWS):
            write_rows(target, start, read_rows(self.images, rows[start : start + ROWS]))
        return target

    def close(self) -> None:
        """Give back the room of the undivided images."""
        if isinstance(self.images, np.memmap):
            os.unlink(str(self.images.filename))
        del self.images


def new_store(count: int, shape: tuple[int, int, int], cache: Path | None) -> Store:
    """A store in memory, or, above `IN_MEMORY` bytes, in a new folder below `cache`.

    Without `cache` the system's temporary folder is used, and emptied when Python ends.

    Raises:
        JobError: when the disk has no room for twice the images.
    """
    size = count * int(np.prod(shape))
    if size <= IN_MEMORY:
        return Store(count, shape, None)
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="tfmedgan-", dir=cache))
    if cache is None:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        shutil.rmtree(folder)
        raise JobError(
            f"{folder.parent}: {2 * size >> 20} MiB needed for the prepared images, "
            f"{free >> 20} MiB free; name a larger folder or use fewer images"
        )
    return Store(count, shape, folder)


def create(path: Path, count: int, shape: tuple[int, ...]) -> np.ndarray:
    """A new .npy file of zeros, uint8 (count, *shape); no file where it would be empty."""
    if count == 0:
        return np.zeros((0, *shape), np.uint8)
    return np.lib.format.open_memmap(path, "w+", np.uint8, (count, *shape))


def read_rows(images: np.ndarray, rows: Sequence[int] | np.ndarray) -> np.ndarray:
    """`images[rows]`; of a file without mapping its pages."""
    if not isinstance(images, np.memmap):
        return images[rows]
    out = np.empty((len(rows), *images.shape[1:]), np.uint8)
    size = out[0].nbytes if len(rows) else 0
    with open(str(images.filename), "rb", buffering=0) as file:
        for place, row in zip(out, rows, strict=True):
            os.preadv(file.fileno(), [place], images.offset + int(row) * size)
    return out


def write_rows(images: np.ndarray, start: int, block: np.ndarray) -> None:
    """`images[start : start + len(block)] = block`; of a file without mapping its pages."""
    if not isinstance(images, np.memmap):
        images[start : start + len(block)] = block
        return
    with open(str(images.filename), "r+b", buffering=0) as file:
        offset = images.offset + start * block[0].nbytes
        os.pwrite(file.fileno(), np.ascontiguousarray(block).data, offset)
