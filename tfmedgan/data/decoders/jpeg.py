"""JPEG by libjpeg-turbo, strictly."""

import io
from collections.abc import Iterator

import numpy as np

from tfmedgan.data.decoders.samples import check_size, exif_orientation, upright
from tfmedgan.errors import require

FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers of a frame, by its kind of coding
READ = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)  # sequential and progressive; not lossless, hierarchical
SCAN, APP1 = 0xDA, 0xE1
METADATA = (b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0")


def jpeg(data: bytes) -> np.ndarray:
    """8-bit grey or colour; libjpeg's warnings (missing or extraneous data) are errors."""
    import simplejpeg

    turned = _check_segments(data)
    height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    check_size(width, height)
    require(space in ("Gray", "YCbCr", "RGB"), f"{space} colours are not read; convert it to RGB")
    end = data.find(b"\xff\xd9", max(0, data.rfind(b"\xff\xda")))
    require(end >= 0, "truncated JPEG: the end-of-image marker is missing")
    grey = space == "Gray"
    pixels = simplejpeg.decode_jpeg(data, colorspace="GRAY" if grey else "RGB", strict=True)
    return upright(pixels[..., 0] if grey else pixels, _orientation(data) if turned else 1)


def _check_segments(data: bytes) -> bool:
    """Refuse frames that are not read; whether there is metadata that may turn the picture."""
    turned = False
    for marker, at in _segments(data):
        if marker in FRAMES:
            require(marker in READ, "lossless JPEG is not read; convert it to PNG")
            depth = data[at]
            require(depth == 8, f"JPEG of {depth} bits per sample is not read; convert it to PNG")
        turned |= marker == APP1 and data.startswith(METADATA, at)
    return turned


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Marker and place of the content of each segment before the first scan (T.81, B.1.1)."""
    at = 2
    while at + 4 < len(data) and data[at] == 0xFF and data[at + 1] != SCAN:
        if data[at + 1] == 0xFF:  # fill byte
            at += 1
            continue
        yield data[at + 1], at + 4
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _orientation(data: bytes) -> int:
    from PIL.JpegImagePlugin import JpegImageFile

    return exif_orientation(JpegImageFile(io.BytesIO(data)))
