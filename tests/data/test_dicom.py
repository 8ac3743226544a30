"""DICOM: rescale, window, inversion, and what is refused."""

import io

import numpy as np
import pytest
from PIL import Image

pydicom = pytest.importorskip("pydicom")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

from tfmedgan.data.dicom import patient  # noqa: E402
from tfmedgan.data.readers import read_image  # noqa: E402
from tfmedgan.data.sources import open_source  # noqa: E402
from tfmedgan.errors import InputError  # noqa: E402

ABSENT = "absent"
VALUES = np.arange(12, dtype=np.uint16).reshape(3, 4) * 300


def write(path, pixels=VALUES, photometric="MONOCHROME2", syntax=None, raw=None, **tags):
    """A DICOM file; a tag that is None is there and empty, one that is ABSENT is not there."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = syntax or ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    bits = pixels.dtype.itemsize * 8
    said = {
        "Rows": pixels.shape[0], "Columns": pixels.shape[1], "PixelRepresentation": 0,
        "SamplesPerPixel": 3 if pixels.ndim == 3 else 1, "PhotometricInterpretation": photometric,
        "BitsAllocated": bits, "BitsStored": min(bits, 12), "HighBit": min(bits, 12) - 1,
    }  # fmt: skip
    said |= {"PlanarConfiguration": 0} if pixels.ndim == 3 else {}
    for name, value in (said | tags).items():
        if value is not ABSENT:
            setattr(dataset, name, value)
    dataset.PixelData = pixels.tobytes() if raw is None else raw
    dataset["PixelData"].VR = "OB" if bits == 8 or raw else "OW"
    dataset["PixelData"].is_undefined_length = meta.TransferSyntaxUID.is_encapsulated
    dataset.save_as(path, enforce_file_format=True)


def read(tmp_path, *arguments, **tags):
    write(tmp_path / "a.dcm", *arguments, **tags)
    return read_image(tmp_path / "a.dcm")


def item(**tags):
    dataset = pydicom.Dataset()
    for name, value in tags.items():
        setattr(dataset, name, value)
        if name == "LUTData":
            dataset[name].VR = "OW"
    return dataset


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
    for name, reason in {
        "a.dcm": "with 2 frames is not read",
        "b.dcm": "19 bytes of pixels where its tags ask for 24",
    }.items():
        with pytest.raises(InputError, match=rf"{name}: .*{reason}"):
            read_image(tmp_path / name)


def test_the_patient_is_the_group(tmp_path):
    write(tmp_path / "a.dcm", PatientID="p1")
    write(tmp_path / "b.dcm", PatientID="p2")
    assert [record.group for record in open_source(str(tmp_path)).records] == ["p1", "p2"]


EMPTY = item(LUTDescriptor=None, LUTExplanation="x", LUTData=None)
GROUPS = item(
    PixelValueTransformationSequence=[item(RescaleSlope=2, RescaleIntercept=-1000)],
    FrameVOILUTSequence=[item(WindowCenter=500.5, WindowWidth=1001)],
)


@pytest.mark.parametrize(
    "tags",
    [
        {"RescaleSlope": None, "RescaleIntercept": None},
        {"WindowCenter": None, "WindowWidth": None},
        {"WindowWidth": 100, "WindowCenter": None},
        {"VOILUTSequence": [EMPTY], "WindowCenter": 2048, "WindowWidth": 4096},
        {"VOILUTSequence": [], "ModalityLUTSequence": [EMPTY]},
        {"NumberOfFrames": None, "PixelPaddingValue": None, "PresentationLUTShape": None},
        {"HighBit": None},
        {"HighBit": ABSENT},
    ],
    ids=str,
)
def test_an_empty_tag_counts_as_absent(tmp_path, tags):
    plain = read(tmp_path)
    np.testing.assert_array_equal(read(tmp_path, **tags), plain)


@pytest.mark.parametrize(
    "name",
    ["Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel",
     "PhotometricInterpretation", "PixelData"],
)  # fmt: skip
def test_a_missing_tag_is_named(tmp_path, name):
    tags = {"raw": b""} if name == "PixelData" else {name: ABSENT}
    with pytest.raises(InputError, match=rf"a\.dcm: DICOM file without .*{name}"):
        read(tmp_path, **tags)


@pytest.mark.parametrize(
    ("reason", "tags"),
    [
        ("RescaleSlope is 0, which makes every pixel equal", {"RescaleSlope": 0}),
        ("makes values that no number holds", {"RescaleSlope": "1e308"}),
        ("with 0 frames", {"NumberOfFrames": 0}),
        ("window of width 0", {"WindowCenter": 5, "WindowWidth": 0}),
        ("window of shape X", {"WindowCenter": 5, "WindowWidth": 9, "VOILUTFunction": "X"}),
        ("which is black cannot be told", {"PresentationLUTShape": "INVERSE"}),
        ("BitsAllocated 12", {"BitsAllocated": 12}),
        ("BitsStored 12 and HighBit 3 in BitsAllocated 16", {"HighBit": 3}),
        ("kind HSV", {"photometric": "HSV"}),
        ("kind GREY are not read", {"photometric": "GREY"}),
        ("SamplesPerPixel 1 and BitsStored 12", {"photometric": "RGB"}),
        ("without RedPaletteColorLookupTableData", {"photometric": "PALETTE COLOR"}),
        ("34 bytes of pixels where its tags ask for 24", {"raw": bytes(34)}),
        ("more than its 8 bits hold",
         {"VOILUTSequence": [item(LUTDescriptor=[2, 0, 8], LUTData=b"\0\1\0\1")]}),
        ("data of another length",
         {"VOILUTSequence": [item(LUTDescriptor=[9, 0, 8], LUTData=b"\0\1\0\1")]}),
        ("compressed as JPEG-LS Lossless Image Compression is not read",
         {"syntax": pydicom.uid.JPEGLSLossless, "raw": pydicom.encaps.encapsulate([b"1234"])}),
    ],
)  # fmt: skip
def test_what_is_not_read_is_named(tmp_path, reason, tags):
    with pytest.raises(InputError, match=reason):
        read(tmp_path, **tags)


def test_a_value_of_another_kind_is_named(tmp_path):
    write(tmp_path / "a.dcm", RescaleSlope="1.2345", RescaleIntercept=0)
    data = (tmp_path / "a.dcm").read_bytes()
    for value in (b"abcdef", b"NaN   ", b"1e999 "):
        (tmp_path / "a.dcm").write_bytes(data.replace(b"1.2345", value))
        with pytest.raises(InputError, match=r"RescaleSlope is '\w+'; must be a number"):
            read_image(tmp_path / "a.dcm")


def test_values_that_do_not_end_at_bit_0_are_shifted(tmp_path):
    shifted = read(tmp_path, VALUES << 4, HighBit=15)
    np.testing.assert_array_equal(shifted, read(tmp_path))
    dirty = read(tmp_path, VALUES | 0xF000)  # an overlay, as it was kept before 2004
    np.testing.assert_array_equal(dirty, shifted)


@pytest.mark.parametrize(("bits", "word"), [(8, "u1"), (8, "<u2"), (16, "<u2")])
@pytest.mark.parametrize("scale", [1, 256, 257])
def test_the_declared_bits_of_a_palette_decide(tmp_path, bits, word, scale):
    ramp = np.arange(256, dtype=np.uint8)[None]
    table = (np.arange(256) * (scale if bits == 16 else 1)).astype(word).tobytes()
    tags = {}
    for name in ("Red", "Green", "Blue"):
        tags[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        tags[f"{name}PaletteColorLookupTableData"] = table
    looked_up = read(tmp_path, ramp, "PALETTE COLOR", **tags)
    np.testing.assert_array_equal(looked_up, np.repeat(ramp[..., None], 3, axis=2))


def test_tables_of_modality_and_window_are_looked_up(tmp_path):
    ramp = np.arange(256, dtype=np.uint8)[None]
    falling = item(LUTDescriptor=[256, 0, 8], LUTData=bytes(range(255, -1, -1)))
    expected = (255 - ramp.astype(np.uint16)) * 257
    for name in ("ModalityLUTSequence", "VOILUTSequence"):
        np.testing.assert_array_equal(read(tmp_path, ramp, **{name: [EMPTY, falling]}), expected)
    inverted = read(tmp_path, ramp, "MONOCHROME1", VOILUTSequence=[falling])
    np.testing.assert_array_equal(inverted, 65535 - expected)


def test_an_enhanced_frame_has_its_values_in_groups(tmp_path):
    tags = {"RescaleSlope": 2, "RescaleIntercept": -1000, "WindowCenter": 500.5}
    plain = read(tmp_path, WindowWidth=1001, **tags)
    enhanced = read(tmp_path, SharedFunctionalGroupsSequence=[GROUPS])
    np.testing.assert_array_equal(enhanced, plain)


def test_padding_is_black(tmp_path):
    signed = VALUES.astype(np.int16) - 1000
    tags = {"PixelRepresentation": 1, "BitsStored": 16, "HighBit": 15}
    plain = read(tmp_path, signed, **tags)
    padded = read(tmp_path, signed, PixelPaddingValue=-1000, PixelPaddingRangeLimit=-700, **tags)
    assert plain[0, 0] > 30000 and not padded[0, :2].any()
    np.testing.assert_array_equal(padded.ravel()[2:], plain.ravel()[2:])


def test_sigmoid_window(tmp_path):
    shown = read(tmp_path, WindowCenter=1500, WindowWidth=900, VOILUTFunction="SIGMOID")
    expected = 65535 / (1 + np.exp(-4 * (VALUES - 1500.0) / 900))
    np.testing.assert_array_equal(shown, np.round(expected))


def test_one_bit_and_colours_of_sixteen(tmp_path):
    ones = np.arange(64).reshape(8, 8) % 3 == 0
    raw = np.packbits(ones, bitorder="little").tobytes()
    tags = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    np.testing.assert_array_equal(read(tmp_path, ones, raw=raw, **tags), ones * 65535)
    colour = np.arange(36, dtype=np.uint16).reshape(3, 4, 3) * 1700
    tags = {"BitsStored": 16, "HighBit": 15}
    np.testing.assert_array_equal(read(tmp_path, colour, "RGB", **tags), colour)


def test_luminance_and_chrominance_become_rgb(tmp_path):
    from pydicom.pixels import convert_color_space

    colour = np.full((4, 6, 3), (200, 90, 40), np.uint8)
    coded = convert_color_space(colour, "RGB", "YBR_FULL")
    half = np.dstack([coded[:, ::2, :1], coded[:, 1::2, :1], coded[:, ::2, 1:]])
    for photometric, raw in (("YBR_FULL", None), ("YBR_FULL_422", half.tobytes())):
        shown = read(tmp_path, coded, photometric, raw=raw)
        np.testing.assert_allclose(shown, colour, atol=1)


@pytest.mark.parametrize("syntax", ["JPEGBaseline8Bit", "JPEG2000Lossless"])
def test_compressed_pixels_are_read(tmp_path, syntax):
    grey, buffer = np.arange(256, dtype=np.uint8).reshape(16, 16), io.BytesIO()
    Image.fromarray(grey).save(buffer, "jpeg" if "Base" in syntax else "jpeg2000", no_jp2=True)
    frames = pydicom.encaps.encapsulate([buffer.getvalue()])
    shown = read(tmp_path, grey, syntax=getattr(pydicom.uid, syntax), raw=frames)
    np.testing.assert_allclose(shown / 257, grey, atol=4 if "Base" in syntax else 0)
    frames = pydicom.encaps.encapsulate([buffer.getvalue()] * 2)
    with pytest.raises(InputError, match="more pixels than it declares"):
        read(tmp_path, grey, syntax=getattr(pydicom.uid, syntax), raw=frames)


@pytest.mark.parametrize("name", ["a.dcm", "a", "1.2.840.55"])
def test_no_preamble_and_no_suffix(tmp_path, name):
    write(tmp_path / "whole.dcm", PatientID="p1")
    (tmp_path / name).write_bytes((tmp_path / "whole.dcm").read_bytes()[132:])
    expected = read_image(tmp_path / "whole.dcm")
    np.testing.assert_array_equal(read_image(tmp_path / name), expected)
    assert patient(tmp_path / name) == "p1"
