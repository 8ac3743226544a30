"""An npz file, as MedMNIST and `numpy.savez` write it; checked before it is unpacked."""

import os
import zipfile
from pathlib import Path

import numpy as np

from tfmedgan.data.records import ImageSet
from tfmedgan.data.sources.arrays import Part, are_masks, array_set, check_images, check_labels
from tfmedgan.errors import InputError, require

PARTS = {"train": "train", "val": "validation", "test": "test"}  # MedMNIST's names
OTHERS = {"classes", "Synthetic", "Seed", "Truncation", "Model"}  # of tfmedgan-generate --npz
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
NOT_WHOLE = "not a whole npz file, or a damaged one; write it again with numpy.savez"


def open_npz(source: str, path: Path, names: tuple[str, ...] = ()) -> ImageSet:
    """An npz with `{train,val,test}_{images,labels}` (MedMNIST), or `images` and `labels`.

    Images are uint8 or uint16, (N, height, width) or (N, height, width, 3); labels are whole
    numbers that index `names` (or the array `classes`; else the numbers themselves), or text.
    Arrays `masks` beside the images, (N, height, width), are their masks.

    Raises:
        InputError: naming the file and what is wrong with it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(source, path, archive, names)
    except InputError:
        raise
    except MemoryError:
        raise InputError(f"{path}: does not fit into memory") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or NOT_WHOLE}") from None
    except Exception:  # zip, zlib, header and value errors of a damaged archive
        raise InputError(f"{path}: {NOT_WHOLE}") from None


def largest() -> int:
    """Bytes that arrays may take after unpacking: half of this machine's memory."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (AttributeError, ValueError, OSError):  # on Windows
        return 8 << 30


def _read(source: str, path: Path, archive: zipfile.ZipFile, names: tuple[str, ...]) -> ImageSet:
    members = {
        name.removesuffix(".npy"): _header(path, archive, name)
        for name in archive.namelist()
        if name.endswith(".npy")
    }
    keys = {f"{key}_": split for key, split in PARTS.items() if f"{key}_images" in members}
    keys = keys or ({"": ""} if "images" in members else {})
    there = ", ".join(sorted(members)) or "none"
    require(bool(keys), f"{path}: no array train_images or images; it has: {there}")
    keys = {key: split for key, split in keys.items() if members[f"{key}images"][0][:1] != (0,)}
    require(bool(keys), f"{path}: no images in it")
    wanted = []
    for prefix in keys:
        shape, dtype = members[f"{prefix}images"]
        check_images(f"{path}: {prefix}images", shape, dtype)
        wanted.append(f"{prefix}images")
        if f"{prefix}labels" in members:
            check_labels(f"{path}: {prefix}labels", *members[f"{prefix}labels"], shape[0])
            wanted.append(f"{prefix}labels")
        if are_masks(*members.get(f"{prefix}masks", ((), np.dtype("O"))), shape):
            wanted.append(f"{prefix}masks")
    size = sum(archive.getinfo(f"{name}.npy").file_size for name in wanted)
    require(size <= largest(), f"{path}: unpacks to {size >> 20} MiB, too much for this machine")
    arrays = {name: _array(archive, name) for name in wanted}
    if not names and "classes" in members and members["classes"][1].kind == "U":
        names = tuple(_array(archive, "classes").reshape(-1).tolist())
    parts = {
        split: Part(
            arrays[f"{prefix}images"],
            arrays.get(f"{prefix}labels"),
            arrays.get(f"{prefix}masks"),
        )
        for prefix, split in keys.items()
    }
    parts_of = {f"{part}_{kind}" for part in PARTS for kind in ("images", "labels")}
    others = sorted(members.keys() - set(wanted) - OTHERS - (parts_of if "" not in keys else set()))
    note = f"{path}: arrays that are not used: {', '.join(others)}" if others else ""
    return array_set(source, path, parts, names, note)


def _header(path: Path, archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array; its declared size must be that of its file."""
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        require(version in HEADERS, f"{path}: {NOT_WHOLE}")
        shape, _, dtype = HEADERS[version](file)
        start = file.tell()
    require(
        not dtype.hasobject,
        f"{path}: not a whole npz file of numbers: {name} holds Python objects, which are not read",
    )
    declared = int(np.prod(shape, dtype=object)) * dtype.itemsize
    size = archive.getinfo(name).file_size - start
    require(
        declared == size, f"{path}: {name} declares {dtype} {shape}, {declared} bytes, has {size}"
    )
    return shape, dtype


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    with archive.open(f"{name}.npy") as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    return array.astype(array.dtype.newbyteorder("="), copy=False)
