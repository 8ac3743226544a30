"""Files that hold many images in one array: MedMNIST's npz and MNIST's idx, gz or not."""

import gzip
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tfmedgan.data.records import ImageSet, Record
from tfmedgan.data.sources.paths import existing_folder
from tfmedgan.errors import InputError, require

LARGEST = 8 << 30  # bytes of one array after unpacking
PARTS = {"train": "train", "val": "validation", "test": "test"}  # MedMNIST's names
IDX_PARTS = {"train": "train", "t10k": "test"}
IDX_TYPE = 0x08  # unsigned byte


def open_npz(source: str, path: Path, names: tuple[str, ...] = ()) -> ImageSet:
    """An npz with `{train,val,test}_{images,labels}` (MedMNIST), or `images` and `labels`.

    Images are uint8 or uint16, (N, height, width) or (N, height, width, 3); labels are whole
    numbers, (N,) or (N, 1), and index `names` (the numbers themselves when none are given).

    Raises:
        InputError: naming the file and what is wrong with it.
    """
    members = _npz_members(path)
    parts = {split: f"{key}_" for key, split in PARTS.items() if f"{key}_images" in members}
    parts = parts or ({"": ""} if "images" in members else {})
    require(
        bool(parts),
        f"{path}: no array train_images or images; it has: {', '.join(sorted(members))}",
    )
    loaded = {}
    for split, prefix in parts.items():
        images = members[f"{prefix}images"]
        loaded[split] = (images, members.get(f"{prefix}labels"))
    return _array_set(source, path, loaded, names)


def open_idx(source: str, folder: Path, names: tuple[str, ...] = ()) -> ImageSet:
    """A folder with `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-…`, gz or not.

    Raises:
        InputError: for a file that is absent, cut short, longer than it says, or not idx.
    """
    existing_folder(folder, f"--data {source}")
    loaded = {}
    for prefix, split in IDX_PARTS.items():
        paths = [_idx_file(folder, f"{prefix}-{kind}") for kind in ("images", "labels")]
        if paths[0]:
            require(paths[1] is not None, f"{folder}: {prefix}-images without {prefix}-labels")
            loaded[split] = (_read_idx(paths[0], 3), _read_idx(paths[1], 1))
    require(bool(loaded), f"{folder}: no file train-images-idx3-ubyte, .gz or not")
    return _array_set(source, folder, loaded, names)


def has_idx(folder: Path) -> bool:
    """Whether the folder holds idx files."""
    return any(_idx_file(folder, f"{prefix}-images") for prefix in IDX_PARTS)


def _array_set(source: str, path: Path, parts: dict, names: tuple[str, ...]) -> ImageSet:
    for split, (images, labels) in parts.items():
        _check_images(f"{path}: {split} images", images)
        parts[split] = images, _labels(f"{path}: {split} labels", labels, len(images))
    if not names and any(labels is not None for _, labels in parts.values()):
        top = max(int(labels.max()) for _, labels in parts.values() if len(labels))
        names = tuple(str(label) for label in range(top + 1))
    records = []
    for split, (_, labels) in parts.items():
        for index in range(len(parts[split][0])):
            label = int(labels[index]) if names else 0
            where = f"{path}: {split} image {index}"
            require(
                not names or 0 <= label < len(names),
                f"{where}: label {label} is outside 0 to {len(names) - 1}",
            )
            records.append(Record(f"{split or 'images'}/{index:06d}", label, index, split=split))

    def read(record: Record) -> np.ndarray:
        return parts[record.split][0][record.location]

    return ImageSet(source, names, tuple(records), read, {"title": path.name})


def _check_images(where: str, images: np.ndarray) -> None:
    right = images.ndim == 3 or (images.ndim == 4 and images.shape[3] in (1, 3))
    require(
        right and images.dtype in (np.uint8, np.uint16),
        f"{where} are {images.dtype} {images.shape}; expected uint8 or uint16, "
        "(N, height, width) or (N, height, width, 1 or 3)",
    )


def _labels(where: str, labels: np.ndarray | None, count: int) -> np.ndarray | None:
    if labels is None:
        return None
    flat = labels.reshape(len(labels), -1) if labels.ndim else labels
    require(
        flat.ndim == 2 and flat.shape[1] == 1 and np.issubdtype(labels.dtype, np.integer),
        f"{where} are {labels.dtype} {labels.shape}; expected one whole number per image",
    )
    require(len(flat) == count, f"{where}: {len(flat)} for {count} images")
    return flat[:, 0]


def _npz_members(path: Path) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        require(size <= LARGEST, f"{path}: unpacks to {size} bytes, more than {LARGEST}")
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except Exception as error:  # zip, zlib, header and value errors of a damaged archive
        raise InputError(f"{path}: not a whole npz file: {error}") from None


def _idx_file(folder: Path, start: str) -> Path | None:
    found = sorted(p for p in folder.glob(f"{start}*") if "idx" in p.name and p.is_file())
    require(
        len(found) < 2,
        f"{folder}: two files for one name: {', '.join(p.name for p in found)}; remove one",
    )
    return found[0] if found else None


def _read_idx(path: Path, dimensions: int) -> np.ndarray:
    """IDX: two zero bytes, type, number of dimensions, each as a big-endian uint32, data."""
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rb") as file:
            header = file.read(4 + 4 * dimensions)
            require(
                header[:4] == bytes((0, 0, IDX_TYPE, dimensions)) and len(header) > 4,
                f"{path}: not an idx file of bytes with {dimensions} dimensions",
            )
            shape = struct.unpack(f">{dimensions}I", header[4:])
            size = int(np.prod(shape, dtype=object))
            require(size <= LARGEST, f"{path}: declares {shape}, more than {LARGEST} bytes")
            data = file.read(size + 1)
    except (OSError, EOFError, struct.error, zlib.error) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    require(
        len(data) == size,
        f"{path}: declares {shape}, has {'more' if len(data) > size else len(data)} bytes",
    )
    return np.frombuffer(data, np.uint8).reshape(shape)
