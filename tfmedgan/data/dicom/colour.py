"""Colour DICOM: RGB, YBR (which pydicom has turned into RGB) and palettes."""

import numpy as np

from tfmedgan.data.decoders.samples import Samples, picture
from tfmedgan.data.dicom.stored import transfer_syntax
from tfmedgan.data.dicom.tables import read_table
from tfmedgan.data.dicom.tags import whole
from tfmedgan.errors import require

PALETTE = "PALETTE COLOR"
SAMPLES = {PALETTE: 1, "RGB": 3, "YBR_FULL": 3, "YBR_FULL_422": 3, "YBR_ICT": 3, "YBR_RCT": 3}
JPEG_2000 = ("YBR_ICT", "YBR_RCT")
PRIMARIES = ("Red", "Green", "Blue")


def colour(stored: np.ndarray, dataset, photometric: str) -> np.ndarray:
    """uint8 (rows, columns, 3), or uint16 for RGB above 8 bits."""
    samples, bits = whole(dataset, "SamplesPerPixel"), whole(dataset, "BitsStored")
    require(
        samples == SAMPLES[photometric] and bits <= 16,
        f"{photometric} DICOM with SamplesPerPixel {samples} and BitsStored {bits} is not read",
    )
    if photometric == PALETTE:
        return _looked_up(stored, dataset)
    require(
        not whole(dataset, "PixelRepresentation"),
        f"{photometric} DICOM of signed samples is not read",
    )
    require(
        photometric not in JPEG_2000 or "JPEG 2000" in transfer_syntax(dataset).name,
        f"{photometric} DICOM that is not compressed as JPEG 2000 contradicts itself",
    )
    require(photometric == "RGB" or bits == 8, f"{photometric} DICOM of {bits} bits is not read")
    return picture(Samples(stored, bits))


def _looked_up(stored: np.ndarray, dataset) -> np.ndarray:
    """Colours of 8 bits; entries that fill no high byte have 8 bits, whatever is declared."""
    tables = [_palette(dataset, primary) for primary in PRIMARIES]
    low_byte = all(table.entries.max() < 256 for table in tables)
    channels = [table(stored) >> (0 if low_byte else table.bits - 8) for table in tables]
    return np.stack(channels, -1).astype(np.uint8)


def _palette(dataset, primary: str):
    prefix = f"{primary}PaletteColorLookupTable"
    require(
        f"Segmented{prefix}Data" not in dataset,
        "DICOM with a segmented palette is not read; export it as RGB",
    )
    signed = bool(whole(dataset, "PixelRepresentation"))
    table = read_table(dataset, dataset, f"{primary} palette", prefix, signed)
    require(table is not None, f"PALETTE COLOR DICOM file without {prefix}Data")
    return table
