"""One thousand damaged files: each is named with its reason, none is read as if it were whole."""

import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import InputError

COUNT = 1000
SUFFIXES = ("png", "jpg", "bmp", "tif")
KINDS = ("truncated", "empty", "extension", "random", "flipped", "huge", "mode")


def picture(dice, suffix: str, mode: str = "RGB") -> bytes:
    """A whole file of a random smooth picture."""
    small = Image.fromarray(dice.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    image = small.resize((42, 35), Image.Resampling.BICUBIC).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, {"jpg": "jpeg", "tif": "tiff"}.get(suffix, suffix))
    return buffer.getvalue()


def huge(data: bytes, suffix: str) -> bytes:
    """The file with a declared size of 60,000 × 60,000 pixels."""
    data = bytearray(data)
    if suffix == "png":
        data[16:24] = struct.pack(">II", 60000, 60000)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif suffix == "bmp":
        data[18:26] = struct.pack("<ii", 60000, 60000)
    elif suffix == "jpg":
        frame = data.find(b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", 60000, 60000)
    else:
        (at,) = struct.unpack("<I", data[4:8])
        (entries,) = struct.unpack("<H", data[at : at + 2])
        for entry in range(at + 2, at + 2 + 12 * entries, 12):
            if struct.unpack("<H", data[entry : entry + 2])[0] in (256, 257):
                data[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, 60000)
    return bytes(data)


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
        buffer = io.BytesIO()
        mode, as_format = ("CMYK", "jpeg") if suffix == "jpg" else ("F", "tiff")
        Image.new(mode, (9, 9)).save(buffer, as_format)
        return buffer.getvalue()
    place, bit = int(dice.integers(len(whole))), int(dice.integers(8))
    return whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A thousand damaged files and ten whole ones; the checksums of those with a flipped bit.

    JPEG, BMP and TIFF hold no checksums, so that a flipped bit shows in nothing but a list.
    """
    root, dice, sums = tmp_path_factory.mktemp("damaged"), np.random.default_rng(0), []
    for number in range(COUNT):
        kind, suffix = KINDS[number % len(KINDS)], SUFFIXES[number // len(KINDS) % 4]
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
    found = open_source(str(folder))
    assert len(found.records) == COUNT + 10
    for record in found.records:
        if record.name.startswith("whole"):
            assert found.read(record).shape == (35, 42, 3)
            continue
        with pytest.raises(InputError) as caught:
            found.read(record)
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
