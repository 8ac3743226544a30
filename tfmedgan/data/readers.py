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

from tfmedgan.data.records import Record
from tfmedgan.errors import InputError

FORMATS = {  # first bytes → (format, suffixes)
    b"\x89PNG\r\n\x1a\n": ("PNG", (".png",)),
    b"\xff\xd8\xff": ("JPEG", (".jpg", ".jpeg")),
    b"BM": ("BMP", (".bmp",)),
    b"II*\0": ("TIFF", (".tif", ".tiff")),
    b"MM\0*": ("TIFF", (".tif", ".tiff")),
    b"GIF8": ("GIF", (".gif",)),
    b"RIFF": ("WebP", (".webp",)),
}
DICOM = ("DICOM", (".dcm", ".dicom"))
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".dcm", ".dicom")
LARGEST_FILE = 1 << 30  # bytes
# Without waiting for a pipe's writer, and on Windows without translating the ends of lines.
READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_record(record: Record) -> np.ndarray:
    """`read_image` of the file that the record names, and its checksum where one is known."""
    return read_image(record.location, record.sha256)


def read_image(path: str | Path, sha256: str = "") -> np.ndarray:
    """The image of a PNG, JPEG, BMP, TIFF or DICOM file.

    A SHA-256, where given, is checked first: JPEG, BMP and TIFF hold no checksums, so a
    flipped bit in their pixels shows in no other way. EXIF rotation is applied, palettes are
    looked up, and transparent pixels are put on black.

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
    except MemoryError:
        raise InputError(f"{path}: does not fit into memory") from None
    except Exception as error:  # the libraries raise whatever they like on damaged bytes
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: damaged image: {reason}") from None


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
    """The image in the bytes of a file; `suffix`, where given, must fit its format."""
    found, suffixes = file_format(data)
    decoder = _decoders().get(found)
    if decoder is None:
        what = f"a {found} file" if found else "no PNG, JPEG, BMP, TIFF or DICOM file"
        raise InputError(f"is {what}, it begins with {data[:8].hex(' ')}; convert it to PNG")
    if suffix and suffix not in suffixes:
        raise InputError(f"is a {found} file named {suffix}; rename it to {suffixes[0]}")
    return decoder(data)


@cache
def _decoders() -> dict[str, Callable[[bytes], np.ndarray]]:
    from tfmedgan.data import decoders, dicom

    return {
        "PNG": decoders.png,
        "JPEG": decoders.jpeg,
        "BMP": decoders.bmp,
        "TIFF": decoders.tiff,
        "DICOM": dicom.decode,
    }


def file_format(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Format and its suffixes, by the first bytes; ("", ()) when it is none that is known."""
    if data[128:132] == b"DICM":
        return DICOM
    for start, found in FORMATS.items():
        if data.startswith(start):
            return found
    return "", ()
