"""DICOM: rescale, window, inversion, and what is refused."""

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom")

from tfmedgan.data.readers import read_image  # noqa: E402
from tfmedgan.data.sources import open_source  # noqa: E402
from tfmedgan.errors import InputError  # noqa: E402

VALUES = np.arange(12, dtype=np.uint16).reshape(3, 4) * 300


def write(path, pixels=VALUES, photometric="MONOCHROME2", **tags):
    """A DICOM file without compression."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    bits = pixels.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, min(bits, 12), bits - 1
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.PhotometricInterpretation = photometric
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(path, enforce_file_format=True)


def test_stored_bits_are_the_range_without_a_window(tmp_path):
    write(tmp_path / "a.dcm")
    expected = np.round(VALUES / 4095 * 65535).astype(np.uint16)
    np.testing.assert_array_equal(read_image(tmp_path / "a.dcm"), expected)


def test_rescale_and_window_make_the_full_range(tmp_path):
    tags = {"RescaleSlope": 2, "RescaleIntercept": -1000}
    write(tmp_path / "a.dcm", WindowCenter=500.5, WindowWidth=1001, **tags)
    hounsfield = VALUES.astype(float) * 2 - 1000  # the window covers 0 to 1000
    expected = np.round(np.clip(hounsfield / 1000, 0, 1) * 65535)
    np.testing.assert_array_equal(read_image(tmp_path / "a.dcm"), expected.astype(np.uint16))


def test_monochrome1_is_inverted(tmp_path):
    write(tmp_path / "a.dcm")
    write(tmp_path / "b.dcm", photometric="MONOCHROME1")
    plain, inverted = read_image(tmp_path / "a.dcm"), read_image(tmp_path / "b.dcm")
    np.testing.assert_array_equal(inverted, 65535 - plain)


def test_colour_is_read(tmp_path):
    colour = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    write(tmp_path / "a.dcm", colour, "RGB")
    np.testing.assert_array_equal(read_image(tmp_path / "a.dcm"), colour)


def test_frames_and_damage_are_refused(tmp_path):
    write(tmp_path / "a.dcm", NumberOfFrames=2)
    write(tmp_path / "b.dcm")
    (tmp_path / "b.dcm").write_bytes((tmp_path / "b.dcm").read_bytes()[:-5])
    for name, reason in {"a.dcm": "with 2 frames is not read", "b.dcm": "damaged image"}.items():
        with pytest.raises(InputError, match=rf"{name}: .*{reason}"):
            read_image(tmp_path / name)


def test_the_patient_is_the_group(tmp_path):
    write(tmp_path / "a.dcm", PatientID="p1")
    write(tmp_path / "b.dcm", PatientID="p2")
    assert [record.group for record in open_source(str(tmp_path)).records] == ["p1", "p2"]
