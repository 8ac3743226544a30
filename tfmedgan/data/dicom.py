"""DICOM files through pydicom: modality and window applied, MONOCHROME1 inverted."""

import io
from pathlib import Path

import numpy as np

from tfmedgan.data.decoders import check_size
from tfmedgan.errors import InputError, require

FULL = 65535


def decode(data: bytes) -> np.ndarray:
    """The picture of a single-frame DICOM file.

    Grey values go through the rescale slope and intercept (or the modality table) and the
    file's first window (or VOI table), whose width becomes the full range of 16 bits. A file
    without a window has the range of its stored bits mapped instead. MONOCHROME1 is inverted.

    Returns:
        uint16 (height, width), or uint8 (height, width, 3) for colour.

    Raises:
        InputError: for several frames, no pixels, or a compression that cannot be read.
    """
    dataset = _open(data)
    require("PixelData" in dataset, "DICOM file without pixels")
    frames = int(dataset.get("NumberOfFrames") or 1)
    require(frames == 1, f"DICOM file with {frames} frames is not read; export single frames")
    check_size(int(dataset.Columns), int(dataset.Rows))
    from pydicom.pixels import pixel_array

    photometric = str(dataset.PhotometricInterpretation)
    pixels = pixel_array(dataset)  # YBR becomes RGB
    if photometric.startswith("MONOCHROME"):
        grey = _windowed(pixels, dataset)
        return FULL - grey if photometric == "MONOCHROME1" else grey
    return _colour(pixels, dataset, photometric)


def patient(path: Path) -> str:
    """The patient's identifier, "" where the file does not tell; only the header is read."""
    try:
        import pydicom

        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["PatientID"])
        return str(header.get("PatientID") or "")
    except Exception:  # the reader will say what is wrong with the file
        return ""


def _open(data: bytes):
    try:
        import pydicom
    except ImportError:
        raise InputError("DICOM needs pydicom: pip install 'tfmedgan[dicom]'") from None
    return pydicom.dcmread(io.BytesIO(data))


def _windowed(pixels: np.ndarray, dataset) -> np.ndarray:
    from pydicom.pixels import apply_modality_lut, apply_voi_lut

    values = apply_modality_lut(pixels, dataset)
    if "VOILUTSequence" in dataset:
        table = dataset.VOILUTSequence[0]
        top = 2 ** int(table.LUTDescriptor[2]) - 1
        return _to_16_bits(apply_voi_lut(values, dataset, index=0), 0, top)
    if "WindowWidth" in dataset:
        return _to_16_bits(values, *_window_ends(dataset))
    bits = int(dataset.BitsStored)
    signed = int(dataset.PixelRepresentation)
    ends = np.array([-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] if signed else [0, 2**bits - 1])
    low, high = np.sort(apply_modality_lut(ends, dataset).astype(float))
    return _to_16_bits(values, low, high)


def _window_ends(dataset) -> tuple[float, float]:
    """First window, DICOM PS3.3 C.11.2.1.2: centre − 0.5 ± (width − 1) / 2, or exact."""
    centre, width = _first(dataset.WindowCenter), _first(dataset.WindowWidth)
    shape = str(dataset.get("VOILUTFunction") or "LINEAR")
    require(shape in ("LINEAR", "LINEAR_EXACT"), f"DICOM window of shape {shape} is not read")
    require(width >= 1, f"DICOM window of width {width:g}; must be at least 1")
    if shape == "LINEAR":
        centre, width = centre - 0.5, max(width - 1, 1e-6)
    return centre - width / 2, centre + width / 2


def _first(value) -> float:
    return float(value if isinstance(value, str | float | int) else value[0])


def _to_16_bits(values: np.ndarray, low: float, high: float) -> np.ndarray:
    share = (np.asarray(values, np.float64) - low) / (high - low)
    return np.round(np.clip(share, 0, 1) * FULL).astype(np.uint16)


def _colour(pixels: np.ndarray, dataset, photometric: str) -> np.ndarray:
    if photometric == "PALETTE COLOR":
        from pydicom.pixels import apply_color_lut

        pixels = apply_color_lut(pixels, dataset)
        return (pixels // 257 if pixels.dtype == np.uint16 else pixels).astype(np.uint8)
    require(
        photometric == "RGB" or photometric.startswith("YBR"),
        f"DICOM colours of kind {photometric} are not read",
    )
    require(pixels.dtype == np.uint8, f"DICOM colours with {pixels.dtype} samples are not read")
    return pixels
