"""By Pillow: BMP, WebP, and what else has 1 to 8 bits per sample."""

import io

import numpy as np

from tfmedgan.data.decoders.samples import Samples, check_size, exif_orientation, picture
from tfmedgan.errors import require

ANIMATED = 0x02  # flag of WebP's VP8X chunk


def bmp(data: bytes) -> np.ndarray:
    """Windows bitmaps, 1 to 32 bits per pixel."""
    from PIL.BmpImagePlugin import BmpImageFile

    declared = int.from_bytes(data[2:6], "little")
    require(len(data) >= max(declared, 26), f"truncated BMP: {len(data)} of {declared} bytes")
    image = BmpImageFile(io.BytesIO(data))
    check_size(*image.size)
    if (data[28], data[30]) == (32, 0) and image.mode == "RGB":
        spare = np.frombuffer(data, np.uint8, offset=int.from_bytes(data[10:14], "little"))[3::4]
        same = len(np.unique(spare[: image.width * image.height])) <= 1
        require(same, "BMP whose fourth byte may be opacity is not read; convert it to PNG")
    return pillow_picture(image)


def webp(data: bytes) -> np.ndarray:
    """One picture, lossy or lossless; it is always RGB."""
    from PIL.WebPImagePlugin import WebPImageFile

    declared = int.from_bytes(data[4:8], "little") + 8
    require(len(data) >= max(declared, 30), f"truncated WebP: {len(data)} of {declared} bytes")
    check_size(*_webp_size(data))
    animated = data[12:16] == b"VP8X" and data[20] & ANIMATED
    require(not animated, "animated WebP is not read; give one picture")
    image = WebPImageFile(io.BytesIO(data))
    return pillow_picture(image, exif_orientation(image))


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height by the first chunk (RFC 9649), before Pillow makes room for them."""
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return width, height
    if data[12:16] == b"VP8L":
        both = int.from_bytes(data[21:25], "little")
        return (both & 0x3FFF) + 1, (both >> 14 & 0x3FFF) + 1
    width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return width, height


def pillow_picture(image, orientation: int = 1) -> np.ndarray:
    """The picture of an image of 1 to 8 bits per sample that Pillow has opened."""
    check_size(*image.size)
    image.load()
    if image.mode == "P":
        image.apply_transparency()
        palette = np.array(image.getpalette("RGBA"), np.uint8).reshape(-1, 4)
        return picture(Samples(np.asarray(image), palette=palette, orientation=orientation))
    pixels = np.asarray(image.convert("L") if image.mode == "1" else image)
    alpha = "straight" if image.mode in ("LA", "RGBA") else ""
    return picture(Samples(pixels, alpha=alpha, orientation=orientation))
