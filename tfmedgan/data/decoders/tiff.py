"""TIFF and BigTIFF by tifffile: one page, grey, palette or RGB, 1 to 16 bits per sample."""

import io
import math
import re

import numpy as np

from tfmedgan.data.decoders.samples import (
    ORIENTATION,
    Samples,
    check_size,
    checked_orientation,
    palette_bytes,
    picture,
)
from tfmedgan.errors import InputError, require

WHITE_IS_ZERO, RGB, PALETTE, YCBCR = 0, 2, 3, 6
CHANNELS = {WHITE_IS_ZERO: 1, 1: 1, RGB: 3, PALETTE: 1, YCBCR: 3}  # by photometric interpretation
NOT_READ = {4: "transparency mask", 5: "CMYK", 8: "CIELab", 9: "ICCLab", 10: "ITULab"}
FORMATS = {2: "signed", 3: "floating-point", 4: "undefined", 5: "complex", 6: "complex"}
JPEG = 7
COMPRESSIONS = (1, 2, 3, 4, 5, JPEG, 8, 32773, 32946, 34925, 50000)  # none, CCITT, LZW … Zstandard
ALPHA = {1: "premultiplied", 2: "straight"}  # ExtraSamples
XMP, XMP_ORIENTATION = 700, re.compile(rb'tiff:Orientation(?:="|>)(\d)')
DESCRIBING = (
    256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325,
    338, 339, 347, 530,
)  # fmt: skip


def tiff(data: bytes) -> np.ndarray:
    """The only page; alpha, orientation, bit order, planes, tiles and predictors are applied.

    Raises:
        InputError: for several pages, and samples that are signed, float, or not grey or RGB.
    """
    import tifffile

    try:
        file = tifffile.TiffFile(io.BytesIO(data), _multifile=False)
    except Exception:  # of any kind, also from NumPy
        raise InputError("truncated or damaged TIFF: its directory cannot be read") from None
    with file:
        page = _only_page(file)
        _check_directory(data, file, page)
        photometric, bits = _photometric(page), _bits(page)
        check_size(page.imagewidth, page.imagelength)
        alpha, channels = _channels(page, photometric)
        _check_segments(page, len(data))
        pixels = _decoded(page)[..., :channels]
    palette = None
    if photometric == PALETTE:
        require(bool(page.colormap is not None), "TIFF with a palette, but without its ColorMap")
        palette = palette_bytes(page.colormap.T)
    pixels = pixels[..., 0] if channels == 1 else pixels
    white_is_zero = photometric == WHITE_IS_ZERO
    return picture(Samples(pixels, bits, white_is_zero, palette, alpha, _orientation(page)))


def _only_page(file):
    pages = len(file.pages)
    if file.is_imagej:  # a stack has one directory for all of its images
        pages = max(pages, int((file.imagej_metadata or {}).get("images", 1)))
    page = file.pages[0]
    pages = max(pages, page.imagedepth)
    require(pages == 1, f"TIFF with {pages} pages is not read; give one picture")
    return page


def _check_directory(data: bytes, file, page) -> None:
    """Every tag that describes the pixels has its value in the file; tifffile leaves out others."""
    form = file.tiff
    start = page.offset + form.tagnosize
    entries = int.from_bytes(
        data[page.offset : start], "little" if form.byteorder == "<" else "big"
    )
    codes = np.frombuffer(data, f"{form.byteorder}u2", entries * form.tagsize // 2, start)
    lost = {int(code) for code in codes[:: form.tagsize // 2]} & {*DESCRIBING} - {
        tag.code for tag in page.tags
    }
    require(not lost, f"damaged TIFF: value of tag {min(lost, default=0)} is cut short")


def _photometric(page) -> int:
    from tifffile import TIFF

    code = page.tags.valueof(262)
    require(code is not None, "TIFF without PhotometricInterpretation; write the tag (262)")
    kind = NOT_READ.get(code, f"photometric interpretation {int(code)}")
    require(code in CHANNELS, f"TIFF of kind {kind} is not read; convert it to grey or RGB")
    compression = int(page.compression)
    known = compression in COMPRESSIONS and compression in TIFF.DECOMPRESSORS
    require(known, f"TIFF of compression {compression} is not read; use LZW")
    require(
        code != YCBCR or compression == JPEG,
        "TIFF of kind YCbCr is read with JPEG compression only; convert it to RGB",
    )
    return int(code)


def _bits(page) -> int:
    """Bits per sample, 1 to 16, the same for all."""
    said, kinds = (_values(page, code, 1) for code in (258, 339))
    require(len({*said}) == 1, f"TIFF with {'/'.join(map(str, said))} bits per sample is not read")
    odd = next((FORMATS[kind] for kind in kinds if kind in FORMATS), "")
    require(not odd, f"TIFF of {odd} samples is not read; convert it to 8 or 16 bits unsigned")
    require(0 < said[0] <= 16, f"TIFF of {said[0]} bits per sample is not read; convert it to 16")
    return int(said[0])


def _channels(page, photometric: int) -> tuple[str, int]:
    """What the alpha is, and how many of the channels are of the picture."""
    colours = CHANNELS[photometric]
    more, said = page.samplesperpixel - colours, _values(page, 338)
    require(
        more == len(said) and more in (0, 1),
        f"TIFF with {page.samplesperpixel} samples per pixel, {colours} of colour and "
        f"{len(said)} explained, is not read; convert it to grey, RGB or RGBA",
    )
    if not more:
        return "", colours
    if said == (0,) and photometric == RGB:  # TIFF 6.0: unspecified, to be skipped
        return "", colours
    known = said[0] in ALPHA and photometric not in (PALETTE, YCBCR)
    require(known, f"TIFF with an extra sample of kind {int(said[0])} is not read; remove it")
    return ALPHA[said[0]], colours + 1


def _values(page, code: int, default: int | None = None) -> tuple:
    value = page.tags.valueof(code)
    if value is None:
        return () if default is None else (default,)
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _check_segments(page, size: int) -> None:
    """Strips or tiles are all there; tifffile fills what is missing."""
    parts = list(zip(page.dataoffsets, page.databytecounts, strict=False))
    whole = all(start > 0 and length > 0 and start + length <= size for start, length in parts)
    require(
        whole and len(parts) >= math.prod(page.chunked), "truncated TIFF: its pixels are cut short"
    )


def _decoded(page) -> np.ndarray:
    """(height, width, samples), wherever the file keeps its planes."""
    planes, _, height, width, samples = page.shaped
    pixels = page.asarray(maxworkers=1).reshape(planes, height, width, samples)
    pixels = pixels.view(np.uint8) if pixels.dtype == bool else pixels
    return np.moveaxis(pixels, 0, -1)[..., 0, :] if planes > 1 else pixels[0]


def _orientation(page) -> int:
    said = page.tags.valueof(ORIENTATION)
    match = XMP_ORIENTATION.search(bytes(page.tags.valueof(XMP) or b"")) if said is None else None
    return checked_orientation(int(match[1]) if match else said)
