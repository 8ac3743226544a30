"""What a file says of its samples → the picture that is meant, whichever library decoded them.

Samples are read as stored: a colour profile is not applied, as in OpenCV and torchvision.
"""

from dataclasses import dataclass

import numpy as np

from tfmedgan.errors import InputError, require

LARGEST = 100_000_000  # pixels; a larger declared size is refused before anything is decoded
ORIENTATION = 0x0112  # the tag of EXIF and of TIFF


@dataclass(frozen=True)
class Samples:
    """Decoded samples, and what their file says of them.

    Attributes:
        pixels: unsigned, (h, w) or (h, w, channels), as stored.
        bits: of each sample; 2 ** bits - 1 is full intensity.
        white_is_zero: TIFF's MinIsWhite.
        palette: uint8 (n, 3), or (n, 4) with straight alpha, which the pixels index.
        alpha: "straight" or "premultiplied" where the last channel is opacity.
        orientation: of EXIF, 1 to 8.
    """

    pixels: np.ndarray
    bits: int = 8
    white_is_zero: bool = False
    palette: np.ndarray | None = None
    alpha: str = ""
    orientation: int = 1


def check_size(width: int, height: int) -> None:
    """Refuse empty pictures and decompression bombs by the size that the header declares."""
    require(width > 0 and height > 0, f"declares {width}×{height} pixels")
    require(
        width * height <= LARGEST,
        f"declares {width}×{height} pixels, more than the {LARGEST // 1_000_000} megapixels "
        "that are read",
    )


def picture(samples: Samples) -> np.ndarray:
    """The picture: colours looked up, full range, black is 0, on black, upright."""
    if samples.palette is not None:
        pixels = _looked_up(samples.pixels, samples.palette)
    else:
        pixels = full_range(samples.pixels, samples.bits)
    if samples.white_is_zero:
        require(not samples.alpha, "white-is-zero with alpha is not read; convert it to 8-bit RGB")
        pixels = np.iinfo(pixels.dtype).max - pixels
    if samples.alpha:
        pixels = _on_black(pixels, samples.alpha)
    return upright(pixels, samples.orientation)


def full_range(pixels: np.ndarray, bits: int) -> np.ndarray:
    """Samples of 1 to 16 bits as uint8 (up to 8 bits) or uint16, full intensity at their top."""
    dtype = np.uint8 if bits <= 8 else np.uint16
    top, full = 2**bits - 1, np.iinfo(dtype).max
    if top == full:
        return pixels.astype(dtype, copy=False)
    return ((pixels.astype(np.uint32) * full + top // 2) // top).astype(dtype)


def palette_bytes(entries: np.ndarray) -> np.ndarray:
    """Palette entries of 16 bits as 8: v·257, v·256 and, where all are below 256, v mean v."""
    return (entries if entries.max(initial=0) < 256 else entries >> 8).astype(np.uint8)


def exif_orientation(image) -> int:
    """1 to 8 by EXIF, or XMP, of an image that Pillow has opened; 1 where none is said."""
    try:
        said = image.getexif().get(ORIENTATION)
    except Exception:
        raise InputError(
            "damaged EXIF: which side is up cannot be told; remove it with exiftool -all= FILE"
        ) from None
    return checked_orientation(said)


def checked_orientation(said: int | None) -> int:
    """The orientation, 1 for none and for EXIF's 0, unknown."""
    require(said in (None, *range(9)), f"orientation {said} is none of EXIF's 1 to 8; correct it")
    return said or 1


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """The picture as it is meant to be seen, for an EXIF orientation (1 to 8)."""
    turned = np.swapaxes(pixels, 0, 1) if orientation >= 5 else pixels
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    return np.ascontiguousarray(turned)


def _looked_up(indices: np.ndarray, palette: np.ndarray) -> np.ndarray:
    top = int(indices.max(initial=0))
    require(top < len(palette), f"pixels of colour {top} with a palette of {len(palette)} colours")
    colours = palette[indices]
    return _grey_if_equal(colours) if palette.shape[1] == 3 else _on_black(colours, "straight")


def _on_black(pixels: np.ndarray, alpha: str) -> np.ndarray:
    """Alpha composite on black: each channel times its opacity, unless that is done already."""
    colour, opacity = pixels[..., :-1], pixels[..., -1:]
    if alpha == "straight":
        share = opacity.astype(np.float64) / np.iinfo(pixels.dtype).max
        colour = np.round(colour * share).astype(pixels.dtype)
    return colour[..., 0] if colour.shape[2] == 1 else _grey_if_equal(colour)


def _grey_if_equal(rgb: np.ndarray) -> np.ndarray:
    """One channel where all three are the same everywhere."""
    same = (rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all()
    return np.ascontiguousarray(rgb[..., 0]) if same else rgb
