"""Damaged files: each is named with its reason, none is read as if it were whole."""

import hashlib
import io
import struct
import zlib
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.readers import decode, read_image
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError

pytest.importorskip("pydicom")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

COUNT = 1000
SUFFIXES = ("png", "jpg", "bmp", "tif", "webp", "dcm")
KINDS = ("truncated", "empty", "extension", "random", "flipped", "huge", "mode")


def picture(dice, suffix: str, mode: str = "RGB") -> bytes:
    """A whole file of a random smooth picture."""
    small = Image.fromarray(dice.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    image = small.resize((42, 35), Image.Resampling.BICUBIC).convert(mode)
    if suffix == "dcm":
        return dicom(np.asarray(image))
    buffer = io.BytesIO()
    options = {"compression": (None, "tiff_lzw", "tiff_adobe_deflate")[dice.integers(3)]}
    options = {"tif": options, "webp": {"lossless": bool(dice.integers(2))}}.get(suffix, {})
    image.save(buffer, {"jpg": "jpeg", "tif": "tiff"}.get(suffix, suffix), **options)
    return buffer.getvalue()


def dicom(colours: np.ndarray, **tags) -> bytes:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

    dataset, buffer = Dataset(), io.BytesIO()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = colours.shape
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelRepresentation = dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = "RGB"
    for name, value in tags.items():
        setattr(dataset, name, value)
    dataset.PixelData = colours.tobytes()
    dataset["PixelData"].VR = "OB"
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def huge(data: bytes, suffix: str) -> bytes:
    """The file with a declared size of 60,000 × 60,000 pixels (WebP: all that it can say)."""
    data = bytearray(data)
    if suffix == "png":
        data[16:24] = struct.pack(">II", 60000, 60000)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif suffix == "bmp":
        data[18:26] = struct.pack("<ii", 60000, 60000)
    elif suffix == "jpg":
        frame = data.find(b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", 60000, 60000)
    elif suffix == "webp":
        data[21:25] = data[26:30] = b"\xff\x3f\xff\x3f"
    elif suffix == "dcm":
        for element in (b"(\0\x10\0US\2\0", b"(\0\x11\0US\2\0"):
            place = data.find(element) + 8
            data[place : place + 2] = struct.pack("<H", 60000)
    else:
        (at,) = struct.unpack("<I", data[4:8])
        (entries,) = struct.unpack("<H", data[at : at + 2])
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            if struct.unpack("<H", data[entry : entry + 2])[0] in (256, 257):
                data[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, 60000)
    return bytes(data)


def of_a_mode(suffix: str) -> bytes:
    """A whole file whose pixels are of a kind that is not read."""
    if suffix == "dcm":
        return dicom(np.zeros((9, 9, 3), np.uint8), PhotometricInterpretation="HSV")
    mode, as_format = {"jpg": ("CMYK", "jpeg"), "webp": ("RGB", "webp")}.get(suffix, ("F", "tiff"))
    frames = [Image.new(mode, (9, 9), grey) for grey in (0, 255)]
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": frames[1:]} if suffix == "webp" else {}
    frames[0].save(buffer, as_format, **more)
    return buffer.getvalue()


def damaged(dice, kind: str, suffix: str, whole: bytes) -> bytes:
    if kind == "truncated":
        return whole[: dice.integers(1, len(whole))]
    if kind == "empty":
        return b""
    if kind == "extension":
        others = [other for other in SUFFIXES if other != suffix]
        return picture(dice, others[dice.integers(len(others))])
    if kind == "random":
        return dice.bytes(int(dice.integers(1, 3000)))
    if kind == "huge":
        return huge(whole, suffix)
    if kind == "mode":
        return of_a_mode(suffix)
    place, bit = int(dice.integers(len(whole))), int(dice.integers(8))
    return whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A thousand damaged files and ten whole ones; the checksums of those with a flipped bit.

    Only PNG holds checksums, so that a flipped bit shows in nothing but a list.
    """
    root, dice, sums = tmp_path_factory.mktemp("damaged"), np.random.default_rng(0), []
    for number in range(COUNT):
        kind, suffix = KINDS[number % 7], SUFFIXES[number // 7 % 6]
        name = f"{kind}-{number:04d}.{suffix}"
        whole = picture(dice, suffix)
        (root / name).write_bytes(damaged(dice, kind, suffix, whole))
        if kind == "flipped" and suffix != "png":
            sums.append(f"{hashlib.sha256(whole).hexdigest()}  {name}")
    for number in range(10):
        (root / f"whole-{number}.jpg").write_bytes(picture(dice, "jpg"))
    (root / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    return root


def test_every_damaged_file_is_named_with_its_reason(folder):
    images = open_source(str(folder))
    assert len(images.records) == COUNT + 10
    for record in images.records:
        if record.name.startswith("whole"):
            assert images.read(record).shape == (35, 42, 3)
            continue
        with pytest.raises(InputError) as caught:
            images.read(record)
        message = str(caught.value)
        assert message.startswith(f"{folder / record.name}: "), message
        assert "\n" not in message and len(message) > len(str(folder / record.name)) + 10


def test_skip_bad_goes_on_and_records_what_was_skipped(folder):
    steps = standard_steps((16, 16, 3))
    with pytest.raises(InputError, match=f"; {COUNT - 1} more cannot be read; mend them"):
        prepare(DataConfig(str(folder), steps), seed=0)
    prepared = prepare(DataConfig(str(folder), steps, skip_bad=True), seed=0)
    assert len(prepared.skipped) == COUNT
    assert sum(len(part) for part in prepared.parts.values()) == 10


def test_a_set_of_damaged_files_only_is_an_error(tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match="none of its 1 images can be read"):
        prepare(DataConfig(str(tmp_path), standard_steps((8, 8, 1)), skip_bad=True), seed=0)


@pytest.mark.slow
def test_ten_thousand_damaged_files_are_refused_or_read_as_the_whole_one(tmp_path, capfd):
    """Flipped bits without a checksum may change the picture; with it, the file is refused."""
    outcomes = Counter()
    for number in range(10_000):
        dice = np.random.default_rng(number)
        kind, suffix = KINDS[number % 7], SUFFIXES[number // 7 % 6]
        whole = picture(dice, suffix)
        data = damaged(dice, kind, suffix, whole)
        for _ in range(int(dice.integers(3)) if kind == "flipped" else 0):
            data = damaged(dice, kind, suffix, data)
        outcome = reading_of(data, suffix, whole)
        if outcome == "other" and kind == "flipped" and suffix != "png":
            (tmp_path / f"a.{suffix}").write_bytes(data)
            with pytest.raises(InputError, match="SHA-256"):
                read_image(tmp_path / f"a.{suffix}", hashlib.sha256(whole).hexdigest())
            outcome = "refused by checksum"
        assert outcome != "other", (number, kind, suffix)
        outcomes[kind, suffix, outcome] += 1
    assert capfd.readouterr() == ("", "")
    print("\n".join(f"{key}\t{count}" for key, count in sorted(outcomes.items())))


def reading_of(data: bytes, suffix: str, whole: bytes) -> str:
    try:
        image = decode(data, f".{suffix}")
    except InputError as error:
        assert "\n" not in str(error)
        return "refused"
    return "equal" if np.array_equal(image, decode(whole)) else "other"
