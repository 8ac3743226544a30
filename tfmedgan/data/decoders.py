"""One strict decoder per image format: bytes → uint8 or uint16, (h, w) or (h, w, 3) RGB."""

import io
import struct
import zlib

import numpy as np

from tfmedgan.errors import InputError, require

LARGEST = 100_000_000  # pixels; a larger declared size is refused before anything is decoded
CRC_PIECE = 5000  # bytes
PNG_MODES = {0: "mono", 2: "rgb"}  # by the colour type of the header
TIFF_SIZES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # bytes per value; else 1


def check_size(width: int, height: int) -> None:
    """Refuse empty pictures and decompression bombs by the size that the header declares."""
    require(width > 0 and height > 0, f"declares {width}×{height} pixels")
    require(
        width * height <= LARGEST,
        f"declares {width}×{height} pixels, more than the {LARGEST // 1_000_000} megapixels "
        "that are read",
    )


def jpeg(data: bytes) -> np.ndarray:
    """8-bit grey or colour; libjpeg's warnings (missing or extraneous data) are errors."""
    import simplejpeg

    height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    check_size(width, height)
    require(space in ("Gray", "YCbCr", "RGB"), f"{space} colours are not read; convert it to RGB")
    end = data.find(b"\xff\xd9", max(0, data.rfind(b"\xff\xda")))
    require(end >= 0, "truncated JPEG: the end-of-image marker is missing")
    grey = space == "Gray"
    pixels = simplejpeg.decode_jpeg(data, colorspace="GRAY" if grey else "RGB", strict=True)
    return upright(pixels[..., 0] if grey else pixels, _exif_orientation(data))


def png(data: bytes) -> np.ndarray:
    """Every PNG; checksums of all chunks are verified first."""
    import cv2
    from PIL.PngImagePlugin import PngImageFile

    kinds = _png_chunks(data)
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    check_size(width, height)
    require(b"acTL" not in kinds, "animated PNG is not read; give one picture")
    plain = b"tRNS" not in kinds and b"eXIf" not in kinds
    if depth >= 8 and colour in PNG_MODES and plain:
        return _plain_png(data, (height, width), depth, PNG_MODES[colour])
    if depth == 16:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        require(pixels is not None, "damaged PNG: its pixels cannot be decompressed")
        return _rgb(pixels)
    return _pillow(PngImageFile(io.BytesIO(data)))


def _plain_png(data: bytes, shape: tuple[int, int], depth: int, mode: str) -> np.ndarray:
    """Grey or RGB without more; this decoder takes a third of the time of OpenCV's."""
    from kornia_rs.io import decode_image_png_u8, decode_image_png_u16

    decode = decode_image_png_u8 if depth == 8 else decode_image_png_u16
    pixels = decode(data, shape, mode)
    return pixels[..., 0] if mode == "mono" else pixels


def bmp(data: bytes) -> np.ndarray:
    """Windows bitmaps, 1 to 32 bits per pixel."""
    from PIL.BmpImagePlugin import BmpImageFile

    declared = int.from_bytes(data[2:6], "little")
    require(len(data) >= max(declared, 26), f"truncated BMP: {len(data)} of {declared} bytes")
    return _pillow(BmpImageFile(io.BytesIO(data)))


def tiff(data: bytes) -> np.ndarray:
    """One-page TIFF with 8 or 16 bits per sample."""
    import cv2
    from PIL.TiffImagePlugin import TiffImageFile

    _check_tiff_directory(data)
    bits = _tiff_bits(data)
    if bits != (16, 16, 16) and bits != (16, 16, 16, 16):
        return _pillow(TiffImageFile(io.BytesIO(data)))
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    require(pixels is not None, "damaged TIFF: its pixels cannot be decoded")
    return _rgb(pixels)


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The picture as it is meant to be seen, for an EXIF orientation (1 to 8)."""
    turned = np.swapaxes(pixels, 0, 1) if orientation >= 5 else pixels
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned)


def _exif_orientation(data: bytes) -> int:
    """1 to 8; 1 where none is said."""
    if b"Exif\0\0" not in data[:65536]:
        return 1
    from PIL.JpegImagePlugin import JpegImageFile

    return JpegImageFile(io.BytesIO(data)).getexif().get(0x0112, 1)


def _png_chunks(data: bytes) -> set[bytes]:
    """The kinds of chunks, after all their checksums have been verified."""
    kinds, at = set(), 8
    while b"IEND" not in kinds:
        require(len(data) >= at + 12, "truncated PNG: its end chunk is missing")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        require(len(data) >= end + 4, "truncated PNG: its last chunk is cut short")
        (checksum,) = struct.unpack_from(">I", data, end)
        if _crc(data, at + 4, end) != checksum:
            raise InputError(f"damaged PNG: checksum of {kind.decode('latin-1')}")
        require(bool(kinds) or kind == b"IHDR", "damaged PNG: it does not begin with a header")
        kinds.add(kind)
        at = end + 4
    return kinds


def _crc(data: bytes, start: int, end: int) -> int:
    """CRC-32 of a part, in pieces so short that zlib keeps Python's lock.

    A lock that other threads decode under is slower to get back than the checksum is to make.
    """
    checksum = 0
    for piece in range(start, end, CRC_PIECE):
        checksum = zlib.crc32(data[piece : min(piece + CRC_PIECE, end)], checksum)
    return checksum


def _check_tiff_directory(data: bytes) -> None:
    """TIFF 6.0 section 2: the first directory and the values it points at lie in the file."""
    order = "<" if data[:2] == b"II" else ">"
    truncated = "truncated TIFF: its directory is cut short"
    require(len(data) >= 10, truncated)
    (at,) = struct.unpack(f"{order}I", data[4:8])
    require(at + 2 <= len(data), truncated)
    (entries,) = struct.unpack(f"{order}H", data[at : at + 2])
    require(at + 2 + 12 * entries + 4 <= len(data), truncated)
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        kind, count, value = struct.unpack(f"{order}HII", data[entry + 2 : entry + 12])
        size = TIFF_SIZES.get(kind, 1) * count
        require(size <= 4 or value + size <= len(data), truncated)


def _tiff_bits(data: bytes) -> tuple[int, ...]:
    """Bits per sample of each channel, after the checks on the directory."""
    from PIL.TiffImagePlugin import TiffImageFile

    try:
        image = TiffImageFile(io.BytesIO(data))
    except SyntaxError as error:
        raise InputError(f"damaged or unknown kind of TIFF: {error}") from None
    check_size(*image.size)
    for offsets, sizes in ((273, 279), (324, 325)):  # strips, tiles
        parts = zip(image.tag_v2.get(offsets, ()), image.tag_v2.get(sizes, ()), strict=False)
        whole = all(start + size <= len(data) for start, size in parts)
        require(whole, "truncated TIFF: its pixels are cut short")
    require(image.n_frames == 1, f"TIFF with {image.n_frames} pages is not read; give one picture")
    return tuple(image.tag_v2.get(258, (1,)))


def _pillow(image) -> np.ndarray:
    """Pixels of an image that Pillow has opened: grey stays grey, everything else is RGB."""
    check_size(*image.size)
    image.load()
    orientation = image.getexif().get(0x0112, 1)
    return upright(_pillow_pixels(image), orientation)


def _pillow_pixels(image) -> np.ndarray:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    require(
        image.mode in ("1", "L", "P", "LA", "PA", "RGB", "RGBA", "RGBX"),
        f"pixels of kind {image.mode} are not read; convert it to 8 or 16 bit grey or RGB",
    )
    if "A" in image.getbands() or "transparency" in image.info:
        return _on_black(np.asarray(image.convert("RGBA")))
    if image.mode == "P":
        return _grey_if_equal(np.asarray(image.convert("RGB")))
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _rgb(pixels: np.ndarray) -> np.ndarray:
    """OpenCV's grey, BGR or BGRA as grey or RGB, transparent pixels on black."""
    import cv2

    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 4:
        return _on_black(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA))
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def _on_black(rgba: np.ndarray) -> np.ndarray:
    """Alpha composite on black: each channel times its opacity."""
    full = np.iinfo(rgba.dtype).max
    colour = rgba[..., :3].astype(np.float64) * (rgba[..., 3:].astype(np.float64) / full)
    return _grey_if_equal(np.round(colour).astype(rgba.dtype))


def _grey_if_equal(rgb: np.ndarray) -> np.ndarray:
    """One channel where all three are the same everywhere."""
    same = (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all()
    return np.ascontiguousarray(rgb[..., 0]) if same else rgb
