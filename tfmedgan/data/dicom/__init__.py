"""DICOM files through pydicom: single frames, grey through modality and window, or colour."""

import io
from pathlib import Path

import numpy as np

from tfmedgan.data.decoders.samples import check_size
from tfmedgan.data.dicom.colour import SAMPLES, colour
from tfmedgan.data.dicom.grey import SHAPES, grey
from tfmedgan.data.dicom.stored import stored_values
from tfmedgan.data.dicom.tags import drop_empty, text, whole
from tfmedgan.errors import InputError, require
from tfmedgan.files import open_at_once

FLOATS = ("FloatPixelData", "DoubleFloatPixelData")


def decode(data: bytes) -> np.ndarray:
    """The picture of a single-frame DICOM file.

    Grey values go through the rescale slope and intercept (or the modality table) and the
    file's first window (or VOI table), whose width becomes the full range of 16 bits. A file
    without a window has the range of its stored bits mapped instead. MONOCHROME1 is inverted,
    padding is black. A tag that is there and empty counts as absent.

    Returns:
        uint16 (height, width), or uint8 (height, width, 3) for colour (uint16 above 8 bits).

    Raises:
        InputError: for several frames, no pixels, a tag that is missing, or a kind of pixels
            or compression that cannot be read.
    """
    dataset = _read(io.BytesIO(data))
    drop_empty(dataset)
    require(
        not any(name in dataset for name in FLOATS),
        "DICOM with float pixels is not read; export integers",
    )
    require(bool(dataset.get("PixelData")), "DICOM file without pixels (PixelData)")
    frames = whole(dataset, "NumberOfFrames", 1)
    require(frames == 1, f"DICOM file with {frames} frames is not read; export single frames")
    check_size(whole(dataset, "Columns"), whole(dataset, "Rows"))
    dataset.PhotometricInterpretation = photometric = text(dataset, "PhotometricInterpretation")
    require(photometric in (*SHAPES, *SAMPLES), f"DICOM pixels of kind {photometric} are not read")
    of_kind = grey if photometric in SHAPES else colour
    return of_kind(stored_values(dataset), dataset, photometric)


def patient(path: Path) -> str:
    """The patient's identifier, "" where the file does not tell; only the header is read."""
    try:
        with open_at_once(path) as file:
            header = _read(file, stop_before_pixels=True, specific_tags=["PatientID"])
        return str(header.get("PatientID") or "")
    except Exception:  # the reader will say what is wrong with the file
        return ""


def _read(file, **options):
    """The data set, also of a file without preamble, whose transfer syntax shows in its coding."""
    try:
        import pydicom
    except ImportError:
        raise InputError("DICOM needs pydicom: pip install 'tfmedgan[dicom]'") from None
    dataset = pydicom.dcmread(file, force=True, **options)
    if "TransferSyntaxUID" not in dataset.file_meta:
        implicit = dataset.original_encoding[0]
        uid = pydicom.uid.ImplicitVRLittleEndian if implicit else pydicom.uid.ExplicitVRLittleEndian
        dataset.file_meta.TransferSyntaxUID = uid
    return dataset
