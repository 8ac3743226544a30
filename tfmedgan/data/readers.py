"""Image files → arrays. Strict: a file that is not whole is an error that names it."""

import io
from pathlib import Path

import numpy as np

from tfmedgan.data.records import Record
from tfmedgan.errors import InputError, require

LARGEST = 100_000_000  # pixels; more is refused before anything is decoded


def read_record(record: Record) -> np.ndarray:
    """`read_image` of the file that the record names."""
    return read_image(record.location)


def read_image(path: Path) -> np.ndarray:
    """The image of a file: uint8 or uint16, (height, width) or (height, width, 3) RGB.

    EXIF rotation is applied and palettes are looked up; transparent pixels are put on black.

    Raises:
        InputError: naming the file and the reason.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    require(len(data) > 0, f"{path}: is empty (0 bytes)")
    try:
        return _decode(data)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except Exception as error:
        raise InputError(f"{path}: damaged image: {str(error) or type(error).__name__}") from None


def _decode(data: bytes) -> np.ndarray:
    from PIL import Image, ImageOps

    image = Image.open(io.BytesIO(data))
    width, height = image.size
    require(width * height <= LARGEST, f"declares {width}×{height} pixels, above {LARGEST}")
    if image.format == "JPEG":
        start = data.find(b"\xff\xda")
        whole = start > 0 and data.find(b"\xff\xd9", start) > 0
        require(whole, "damaged image: truncated JPEG, the end-of-image marker is missing")
    image.load()
    return _pixels(ImageOps.exif_transpose(image))


def _pixels(image) -> np.ndarray:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    require(image.mode not in ("I", "F"), f"pixels of kind {image.mode} are not supported")
    if "A" in image.getbands() or "transparency" in image.info:
        from PIL import Image

        rgba = image.convert("RGBA")
        black = Image.new("RGBA", rgba.size, (0, 0, 0, 255))
        image = Image.alpha_composite(black, rgba)
    return np.asarray(image.convert("RGB"))
