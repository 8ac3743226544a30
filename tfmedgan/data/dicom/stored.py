"""The stored values of a DICOM image: whole numbers, before any meaning is applied."""

import numpy as np

from tfmedgan.data.dicom.tags import text, whole
from tfmedgan.errors import require

ALLOCATED = (1, 8, 16, 32)


def stored_values(dataset) -> np.ndarray:
    """(rows, columns) or (rows, columns, samples); YBR has become RGB.

    Bits outside BitsStored (old overlays) are cleared, and values that do not end at bit 0
    are shifted down to it.
    """
    from pydicom.pixels import pixel_array

    samples = whole(dataset, "SamplesPerPixel")
    allocated, stored, high = _bits(dataset)
    if samples > 1:
        planar = whole(dataset, "PlanarConfiguration")
        require(planar in (0, 1), f"DICOM tag PlanarConfiguration is {planar}; must be 0 or 1")
    _check_length(dataset, samples * allocated)
    if shift := high + 1 - stored:
        plain = samples == 1 and not transfer_syntax(dataset).is_encapsulated
        require(plain, f"DICOM with HighBit {high} for {stored} bits is not read; re-encode it")
        dataset.BitsStored = high + 1  # of which the lowest hold nothing
    pixels = pixel_array(dataset)
    shape = (whole(dataset, "Rows"), whole(dataset, "Columns"), samples)
    require(pixels.size == np.prod(shape), "DICOM with more pixels than it declares is not read")
    dataset.BitsStored = stored
    return pixels.reshape(shape[: 2 + (samples > 1)]) >> shift


def _bits(dataset) -> tuple[int, int, int]:
    """BitsAllocated, BitsStored and HighBit, which agree."""
    allocated, stored = whole(dataset, "BitsAllocated"), whole(dataset, "BitsStored")
    high, signed = whole(dataset, "HighBit", stored - 1), whole(dataset, "PixelRepresentation")
    require(allocated in ALLOCATED, f"DICOM with BitsAllocated {allocated} is not read; use 16")
    require(
        0 < stored <= high + 1 <= allocated,
        f"DICOM with BitsStored {stored} and HighBit {high} in BitsAllocated {allocated} "
        "contradicts itself; correct these tags",
    )
    require(signed in (0, 1), f"DICOM tag PixelRepresentation is {signed}; must be 0 or 1")
    return allocated, stored, high


def _check_length(dataset, bits: int) -> None:
    """The compression is one that can be read, or the pixels have the length of the image."""
    from pydicom.pixels import get_decoder

    syntax = transfer_syntax(dataset)
    if syntax.is_encapsulated:
        try:
            available = get_decoder(syntax).is_available
        except NotImplementedError:
            available = False
        require(
            available,
            f"DICOM compressed as {syntax.name} is not read; decompress it, as with gdcmconv --raw",
        )
        return
    if text(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        bits = bits * 2 // 3
    expected = (whole(dataset, "Rows") * whole(dataset, "Columns") * bits + 7) // 8
    held = len(dataset.PixelData)
    require(
        expected <= held <= expected + expected % 2,
        f"DICOM with {held} bytes of pixels where its tags ask for {expected}; truncated or wrong",
    )


def transfer_syntax(dataset):
    """The way in which the file is coded, one of the standard's."""
    syntax = dataset.file_meta.TransferSyntaxUID
    known = bool(syntax) and syntax.is_transfer_syntax and not syntax.is_private
    require(known, f"DICOM of the transfer syntax {str(syntax)[:64]!r} is not read; decode it anew")
    return syntax
