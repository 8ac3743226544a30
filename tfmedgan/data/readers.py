"""Image files → arrays. Strict: a file that is not whole is an error that names it.

Also refused: a name that says another format than the content, more than 100 megapixels,
and kinds of pixels whose meaning would have to be guessed.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from tfmedgan.data.masks import binary
from tfmedgan.data.records import Record
from tfmedgan.errors import InputError
from tfmedgan.files import READING

FORMATS = {  # first bytes → (format, suffixes)
    b"\x89PNG\r\n\x1a\n": ("PNG", (".png",)),
    b"\xff\xd8\xff": ("JPEG", (".jpg", ".jpeg")),
    b"BM": ("BMP", (".bmp",)),
    b"II*\0": ("TIFF", (".tif", ".tiff")),
    b"MM\0*": ("TIFF", (".tif", ".tiff")),
    b"II+\0": ("TIFF", (".tif", ".tiff")),  # BigTIFF
    b"MM\0+": ("TIFF", (".tif", ".tiff")),
    b"GIF8": ("GIF", (".gif",)),
    b"RIFF": ("WebP", (".webp",)),
}
DICOM = ("DICOM", (".dcm", ".dicom"))
NAMED = {suffix for _, suffixes in (*FORMATS.values(), DICOM) for suffix in suffixes}
SUFFIXES = tuple(sorted(NAMED - {".gif"}))
READ = "PNG, JPEG, BMP, TIFF, WebP or DICOM"
LARGEST_FILE = 1 << 30  # bytes


def read_record(record: Record) -> np.ndarray:
    """`read_image` of the file that the record names, and its checksum where one is known."""
    return read_image(record.location, record.sha256)


def read_mask(record: Record) -> np.ndarray:
    """The mask in the file that the record names, uint8 (height, width, 1), 0 or 255.

    Raises:
        InputError: as `read_image`, and for what is not binary.
    """
    return binary(read_image(record.mask), str(record.mask))


def read_image(path: str | Path, sha256: str = "") -> np.ndarray:
    """The image of a PNG, JPEG, BMP, TIFF, WebP or DICOM file.

    A SHA-256, where given, is checked first: only PNG holds checksums, so a flipped bit in
    other files' pixels shows in no other way. EXIF rotation is applied, palettes are looked
    up, and transparent pixels are put on black; colour profiles are not applied.

    Returns:
        uint8 or uint16, (height, width) or (height, width, 3) RGB.

    Raises:
        InputError: naming the file and the reason.
    """
    path = Path(path)
    data = _bytes(path)
    if sha256 and hashlib.sha256(data).hexdigest() != sha256:
        raise InputError(
            f"{path}: its SHA-256 is not the listed one; the file was changed or damaged"
        )
    try:
        return decode(data, path.suffix.lower())
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _bytes(path: Path) -> bytes:
    """The whole file; each call to the system lets other threads go first, so they are few."""
    try:
        handle = os.open(path, READING)
        try:
            info = os.fstat(handle)
            if not stat.S_ISREG(info.st_mode):
                raise InputError(f"{path}: is not a file")
            if not 0 < info.st_size <= LARGEST_FILE:
                limit = f"more than {LARGEST_FILE}" if info.st_size else "empty"
                raise InputError(f"{path}: {info.st_size} bytes, {limit}")
            return _read(handle, info.st_size)
        finally:
            os.close(handle)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _read(handle: int, size: int) -> bytes:
    """`size` bytes, or those up to the file's end; a network may hand them out in parts."""
    data = os.read(handle, size)
    while len(data) < size and (more := os.read(handle, size - len(data))):
        data += more
    return data


def decode(data: bytes, suffix: str = "") -> np.ndarray:
    """The image in the bytes of a file; `suffix` must not be that of another format."""
    name, suffixes = file_format(data)
    decoder = _decoders().get(name)
    if decoder is None:
        what = f"a {name} file" if name else f"no {READ} file"
        raise InputError(f"is {what}, it begins with {data[:8].hex(' ')}; convert it to PNG")
    if suffix in NAMED and suffix not in suffixes:
        raise InputError(f"is a {name} file named {suffix}; rename it to {suffixes[0]}")
    try:
        return decoder(data)
    except InputError:
        raise
    except MemoryError:
        raise InputError("does not fit into memory") from None
    except Exception:  # the libraries raise whatever they like on damaged bytes
        raise InputError(
            f"truncated or damaged {name}: it cannot be decoded; get the file anew"
        ) from None


@cache
def _decoders() -> dict[str, Callable[[bytes], np.ndarray]]:
    from tfmedgan.data import dicom
    from tfmedgan.data.decoders import bitmaps, jpeg, png, tiff

    return {
        "PNG": png.png,
        "JPEG": jpeg.jpeg,
        "BMP": bitmaps.bmp,
        "TIFF": tiff.tiff,
        "WebP": bitmaps.webp,
        "DICOM": dicom.decode,
    }


def file_format(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Format and its suffixes, by the first bytes; ("", ()) when it is none that is known."""
    if data[128:132] == b"DICM" or _bare_dicom(data):
        return DICOM
    if data.startswith(b"RIFF") and data[8:12] != b"WEBP":
        return "", ()
    return next((known for start, known in FORMATS.items() if data.startswith(start)), ("", ()))


def _bare_dicom(data: bytes) -> bool:
    """DICOM without preamble: a first element of group 2 or 8 with a kind, or a short length."""
    group = data[:2] in (b"\x02\0", b"\x08\0") and len(data) > 8 and data[3] == 0
    return group and ((data[4:6].isalpha() and data[4:6].isupper()) or data[5:8] == b"\0\0\0")
