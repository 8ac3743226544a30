"""MNIST's idx files, gz or not."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np

from tfmedgan.data.records import ImageSet
from tfmedgan.data.sources.arrays import Part, array_set, check_labels
from tfmedgan.data.sources.npz import largest
from tfmedgan.data.sources.paths import existing_folder
from tfmedgan.errors import InputError, require

PARTS = {"train": "train", "t10k": "test"}
BYTE = 0x08  # type of the values
BLOCK = 1 << 24  # bytes unpacked at a time


def open_idx(source: str, folder: Path, names: tuple[str, ...] = ()) -> ImageSet:
    """A folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`, gz or not.

    Raises:
        InputError: for a file that is absent, cut short, longer than it says, or not idx.
    """
    existing_folder(folder, f"--data {source}")
    parts = {}
    for prefix, split in PARTS.items():
        of_images, of_labels = (_file(folder, f"{prefix}-{kind}") for kind in ("images", "labels"))
        if of_images is None:
            continue
        if of_labels is None:
            raise InputError(f"{folder}: {prefix}-images without {prefix}-labels")
        images, labels = _read(of_images, 3), _read(of_labels, 1)
        check_labels(str(of_labels), labels.shape, labels.dtype, len(images))
        parts[split] = Part(images, labels)
    require(bool(parts), f"{folder}: no file train-images-idx3-ubyte, .gz or not")
    return array_set(source, folder, parts, names)


def has_idx(folder: Path) -> bool:
    """Whether the folder holds idx files."""
    return any(_file(folder, f"{prefix}-images") for prefix in PARTS)


def _file(folder: Path, start: str) -> Path | None:
    paths = sorted(p for p in folder.glob(f"{start}*") if "idx" in p.name and p.is_file())
    require(
        len(paths) < 2,
        f"{folder}: two files for one name: {', '.join(p.name for p in paths)}; remove one",
    )
    return paths[0] if paths else None


def _read(path: Path, dimensions: int) -> np.ndarray:
    """IDX: two zero bytes, type, number of dimensions, each as a big-endian uint32, data."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            header = file.read(4 + 4 * dimensions)
            require(
                header[:4] == bytes((0, 0, BYTE, dimensions)) and len(header) > 4,
                f"{path}: not an idx file of bytes with {dimensions} dimensions",
            )
            shape = struct.unpack(f">{dimensions}I", header[4:])
            require(all(shape[1:]), f"{path}: declares {shape}, images without pixels")
            size = int(np.prod(shape, dtype=object))
            require(size <= largest(), f"{path}: declares {shape}, too much for this machine")
            data = bytearray()  # grows with what is there, whatever the header declares
            while len(data) <= size and (block := file.read(min(BLOCK, size + 1 - len(data)))):
                data += block
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or 'damaged'}") from None
    except (EOFError, struct.error, zlib.error):
        raise InputError(f"{path}: cannot be read: cut short or damaged") from None
    require(
        len(data) == size,
        f"{path}: declares {shape}, has {'more' if len(data) > size else len(data)} bytes",
    )
    return np.frombuffer(bytes(data), np.uint8).reshape(shape)
