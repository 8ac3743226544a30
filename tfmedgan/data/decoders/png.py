"""PNG: checksums first, then the fastest decoder that reads the kind."""

import io
import struct
import zlib

import numpy as np
from PIL.PngImagePlugin import PngImageFile

from tfmedgan.data.decoders.bitmaps import pillow_picture
from tfmedgan.data.decoders.samples import Samples, check_size, exif_orientation, picture, upright
from tfmedgan.errors import InputError, require

CRC_PIECE = 5000  # bytes
PLAIN = {0: "mono", 2: "rgb", 6: "rgba"}  # colour types of the header
PALETTE = 3
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
EXIF = ("Raw profile type exif", "Raw profile type APP1")  # older programs name it by its segment
METADATA = (*map(str.encode, EXIF), b"XML:com.adobe.xmp")  # texts that may turn the picture
DISPLAY_GAMMA = range(40909, 50001)  # 1 / 2.2 within a tenth, times 100,000
STANDARD_CURVES = (1, 6, 13, 14, 15)  # of cICP: BT.709, BT.601, sRGB, BT.2020


def png(data: bytes) -> np.ndarray:
    """Every PNG but animated ones and those whose values are not meant for a usual display."""
    chunks = _chunks(data)
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    check_size(width, height)
    require(b"acTL" not in chunks, "animated PNG is not read; give one picture")
    _check_curve(chunks)
    turned = b"eXIf" in chunks or any(text in chunks for text in METADATA)
    if depth >= 8 and colour in PLAIN:
        pixels = _plain(data, (height, width), depth, PLAIN[colour])
    elif depth == 16:
        pixels = _grey_alpha(data)
    else:
        pixels = pillow_picture(PngImageFile(io.BytesIO(data)))
    if b"tRNS" in chunks and colour != PALETTE:
        pixels = _without_key(pixels, chunks[b"tRNS"], depth)
    return upright(pixels, _orientation(data)) if turned else pixels


def _plain(data: bytes, shape: tuple[int, int], depth: int, mode: str) -> np.ndarray:
    """Grey, RGB or RGBA; this decoder takes a third of the time of OpenCV's."""
    from kornia_rs.io import decode_image_png_u8, decode_image_png_u16

    decode = decode_image_png_u8 if depth == 8 else decode_image_png_u16
    pixels = decode(data, shape, mode)
    if mode == "rgba":
        return picture(Samples(pixels, depth, alpha="straight"))
    return pixels[..., 0] if mode == "mono" else pixels


def _grey_alpha(data: bytes) -> np.ndarray:
    from imagecodecs import png_decode

    interlaced = data[28]
    require(not interlaced, "interlaced 16-bit PNG of grey and alpha is not read; save it plain")
    return picture(Samples(png_decode(data), 16, alpha="straight"))


def _without_key(pixels: np.ndarray, key: bytes, depth: int) -> np.ndarray:
    """Black where the samples have the colour that stands for transparent."""
    colour = np.frombuffer(key, ">u2") * (255 // (2**depth - 1) if depth < 8 else 1)
    clear = pixels == colour if pixels.ndim == 2 else (pixels == colour).all(-1)
    return np.where(clear if pixels.ndim == 2 else clear[..., None], 0, pixels).astype(pixels.dtype)


def _check_curve(chunks: dict[bytes, bytes]) -> None:
    """Refuse values that a usual display would show darker or lighter than they are meant.

    PNG 3rd edition section 4.3: cICP goes before iCCP and sRGB, and those before gAMA.
    """
    if b"cICP" in chunks:
        curve = chunks[b"cICP"][1]
        require(
            curve in STANDARD_CURVES, f"PNG of transfer curve {curve} is not read; make it sRGB"
        )
    elif b"gAMA" in chunks and not chunks.keys() & {b"iCCP", b"sRGB"}:
        gamma = int.from_bytes(chunks[b"gAMA"], "big")
        require(
            gamma in DISPLAY_GAMMA,
            f"PNG with a gamma of {gamma / 1e5:g} is not read; convert it to sRGB (gamma 0.45455)",
        )


def _orientation(data: bytes) -> int:
    image = PngImageFile(io.BytesIO(data))
    usual, other = EXIF
    if other in image.info:
        image.info.setdefault(usual, image.info[other])
    return exif_orientation(image)


def _chunks(data: bytes) -> dict[bytes, bytes]:
    """First bytes of the chunks by kind, texts by keyword, after all checksums are verified."""
    chunks: dict[bytes, bytes] = {}
    at = 8
    while b"IEND" not in chunks:
        require(len(data) >= at + 12, "truncated PNG: its end chunk is missing")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        require(len(data) >= end + 4, "truncated PNG: its last chunk is cut short")
        (checksum,) = struct.unpack_from(">I", data, end)
        if _crc(data, at + 4, end) != checksum:
            raise InputError(f"damaged PNG: checksum of {kind.decode('latin-1')!r}")
        require(bool(chunks) or kind == b"IHDR", "damaged PNG: it does not begin with a header")
        start = data[at + 8 : min(end, at + 88)]
        chunks[start.split(b"\0")[0] if kind in TEXTS else kind] = start
        at = end + 4
    return chunks


def _crc(data: bytes, start: int, end: int) -> int:
    """CRC-32 of a part, in pieces so short that zlib keeps Python's lock.

    A lock that other threads decode under is slower to get back than the checksum is to make.
    """
    checksum = 0
    for piece in range(start, end, CRC_PIECE):
        checksum = zlib.crc32(data[piece : min(piece + CRC_PIECE, end)], checksum)
    return checksum
