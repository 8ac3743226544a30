"""Grey DICOM values as they are meant to be seen: modality, window, inversion, padding."""

from collections.abc import Callable

import numpy as np

from tfmedgan.data.dicom.tables import first_table
from tfmedgan.data.dicom.tags import functional_group, number, text, whole
from tfmedgan.errors import require

FULL = 65535
SHAPES = {"MONOCHROME1": "INVERSE", "MONOCHROME2": "IDENTITY"}


def grey(stored: np.ndarray, dataset, photometric: str) -> np.ndarray:
    """uint16 (rows, columns): 0 is black, 65535 the top of the window."""
    require(
        stored.ndim == 2, f"{photometric} DICOM with SamplesPerPixel {stored.shape[-1]}; must be 1"
    )
    shape = text(dataset, "PresentationLUTShape", SHAPES[photometric])
    require(
        shape == SHAPES[photometric],
        f"DICOM of {photometric} with PresentationLUTShape {shape}: which is black cannot be told",
    )
    values, low, high = _modality(stored.astype(np.float64), dataset)
    with np.errstate(over="ignore"):  # far outside a narrow window
        share = _window(dataset, low, high)(values)
    shown = np.round(np.clip(share, 0, 1) * FULL).astype(np.uint16)
    shown = FULL - shown if photometric == "MONOCHROME1" else shown
    shown[_padding(stored, dataset)] = 0
    return shown


def _modality(stored: np.ndarray, dataset) -> tuple[np.ndarray, float, float]:
    """Values in the modality's unit, and the least and greatest that the stored bits can mean."""
    bits, signed = whole(dataset, "BitsStored"), whole(dataset, "PixelRepresentation")
    group = functional_group(dataset, "PixelValueTransformationSequence")
    if table := first_table(dataset, group, "ModalityLUTSequence", bool(signed)):
        low, high = table.entries.min(), table.entries.max()
        require(low < high, "DICOM ModalityLUTSequence makes every pixel equal")
        return table(stored), float(low), float(high)
    slope, intercept = (number(group, f"Rescale{name}") for name in ("Slope", "Intercept"))
    slope, intercept = 1.0 if slope is None else slope, intercept or 0.0
    require(slope != 0, "DICOM tag RescaleSlope is 0, which makes every pixel equal; correct it")
    start = -(2 ** (bits - 1)) if signed else 0
    low, high = sorted(end * slope + intercept for end in (start, start + 2**bits - 1))
    require(0 < high - low < np.inf, "DICOM RescaleSlope makes values that no number holds")
    return stored * slope + intercept, low, high


def _window(dataset, low: float, high: float) -> Callable[[np.ndarray], np.ndarray]:
    """From values to shares of full intensity; PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    group = functional_group(dataset, "FrameVOILUTSequence")
    if table := first_table(dataset, group, "VOILUTSequence", low < 0):
        return lambda values: table(values) / (2**table.bits - 1)
    centre, width = number(group, "WindowCenter"), number(group, "WindowWidth")
    if centre is None or width is None:
        return lambda values: (values - low) / (high - low)
    return _shaped_window(text(group, "VOILUTFunction", "LINEAR"), centre, width)


def _shaped_window(shape: str, centre: float, width: float) -> Callable[[np.ndarray], np.ndarray]:
    if shape == "SIGMOID":
        require(width > 0, f"DICOM window of width {width:g}; must be above 0")
        return lambda values: 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -700, 700)))
    require(shape in ("LINEAR", "LINEAR_EXACT"), f"DICOM window of shape {shape} is not read")
    if shape == "LINEAR":
        require(width >= 1, f"DICOM window of width {width:g}; must be at least 1")
        centre, width = centre - 0.5, max(width - 1, 1e-6)
    require(width > 0, f"DICOM window of width {width:g}; must be above 0")
    return lambda values: (values - centre) / width + 0.5


def _padding(stored: np.ndarray, dataset) -> np.ndarray:
    """Where there is no image: PixelPaddingValue, up to PixelPaddingRangeLimit."""
    ends = [number(dataset, f"PixelPadding{name}") for name in ("Value", "RangeLimit")]
    if ends[0] is None:
        return np.zeros(stored.shape, bool)
    bits, signed = whole(dataset, "BitsAllocated"), whole(dataset, "PixelRepresentation")
    first, last = sorted(_as_stored(ends[0] if end is None else end, bits, signed) for end in ends)
    return (stored >= first) & (stored <= last)


def _as_stored(value: float, bits: int, signed: int) -> int:
    """A tag's number as a stored value, in whichever sign it was written."""
    stored = int(value) % 2**bits
    return stored - 2**bits if signed and stored >= 2 ** (bits - 1) else stored
