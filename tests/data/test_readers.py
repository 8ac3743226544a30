"""Every kind of picture is read as it is meant, and what cannot be read says why."""

import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from tfmedgan.data.decoders import LARGEST
from tfmedgan.data.readers import read_image
from tfmedgan.errors import InputError

DICE = np.random.default_rng(7)
GREY = DICE.integers(0, 256, (20, 30), dtype=np.uint8)
RGB = DICE.integers(0, 256, (20, 30, 3), dtype=np.uint8)
GREY_16 = DICE.integers(0, 65536, (20, 30), dtype=np.uint16)
RGB_16 = DICE.integers(0, 65536, (20, 30, 3), dtype=np.uint16)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif"])
@pytest.mark.parametrize("picture", [GREY, RGB, GREY > 100], ids=["grey", "rgb", "bits"])
def test_lossless_formats_come_back_as_written(tmp_path, suffix, picture):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(picture).save(path)
    expected = picture * np.uint8(255) if picture.dtype == bool else picture
    np.testing.assert_array_equal(read_image(path), expected)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("picture", [GREY_16, RGB_16], ids=["grey", "rgb"])
def test_sixteen_bits_are_kept(tmp_path, suffix, picture):
    path = tmp_path / f"a.{suffix}"
    cv2.imwrite(str(path), picture if picture.ndim == 2 else picture[..., ::-1])
    read = read_image(path)
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, picture)


@pytest.mark.parametrize("picture", [GREY, RGB, RGB_16], ids=["grey", "rgb", "sixteen bits"])
def test_interlaced_png_comes_back_as_written(tmp_path, picture):
    (tmp_path / "a.png").write_bytes(interlaced(picture))
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), picture)


def interlaced(picture: np.ndarray) -> bytes:
    """A PNG in the seven passes of PNG 3rd edition section 8.2, unfiltered."""
    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    parts = [picture[y::down, x::across] for y, x, down, across in (*passes, (1, 0, 2, 1))]
    big_endian = (part.astype(part.dtype.newbyteorder(">")) for part in parts)
    rows = b"".join(b"\0" + row.tobytes() for part in big_endian for row in part)
    depth, colour = 8 * picture.itemsize, 0 if picture.ndim == 2 else 2
    header = struct.pack(">IIBBBBB", *picture.shape[1::-1], depth, colour, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def test_palette_is_looked_up(tmp_path):
    coded = Image.fromarray(RGB).quantize(16)
    coded.save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_image(tmp_path / "p.png"), np.asarray(coded.convert("RGB")))


def test_transparent_pixels_are_put_on_black(tmp_path):
    half = np.dstack([RGB, np.full(GREY.shape, 128, np.uint8)])
    Image.fromarray(half).save(tmp_path / "a.png")
    expected = np.round(RGB * (128 / 255)).astype(np.uint8)
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), expected)


@pytest.mark.parametrize("picture", [GREY, RGB], ids=["grey", "rgb"])
def test_jpeg_equals_pillow(tmp_path, picture):
    Image.fromarray(picture).save(tmp_path / "a.jpg", quality=90)
    expected = np.asarray(Image.open(tmp_path / "a.jpg"))
    np.testing.assert_array_equal(read_image(tmp_path / "a.jpg"), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_exif_rotation_is_applied(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(RGB).save(path, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    np.testing.assert_array_equal(read_image(path), expected)


def test_truncated_jpeg_with_a_pasted_end_is_refused(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", quality=95)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(data[: len(data) * 2 // 3] + b"\xff\xd9")
    with pytest.raises(InputError, match=r"b\.jpg: damaged image: .*premature end"):
        read_image(tmp_path / "b.jpg")


def test_wrong_names_and_modes_are_explained(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    Image.fromarray(RGB).save(tmp_path / "b.gif")
    (tmp_path / "b.gif").rename(tmp_path / "b.png")
    Image.fromarray(RGB).convert("CMYK").save(tmp_path / "c.jpg")
    Image.fromarray(GREY.astype(np.float32)).save(tmp_path / "d.tif")
    Image.fromarray(RGB).save(
        tmp_path / "e.tif", save_all=True, append_images=[Image.new("L", (2, 2))]
    )
    for name, reason in {
        "a.jpg": "is a PNG file named .jpg; rename it to .png",
        "b.png": "is a GIF file",
        "c.jpg": "CMYK colours are not read",
        "d.tif": "pixels of kind F are not read",
        "e.tif": "TIFF with 2 pages",
        "f.png": "cannot be read: No such file",
    }.items():
        with pytest.raises(InputError, match=reason) as caught:
            read_image(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


def test_decompression_bombs_are_refused_by_their_header(tmp_path):
    side = int(LARGEST**0.5) + 1
    Image.new("1", (side, side)).save(tmp_path / "bomb.png")
    with pytest.raises(InputError, match=r"bomb\.png: declares 10001×10001 pixels"):
        read_image(tmp_path / "bomb.png")


def test_checksum_finds_what_the_format_cannot(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.bmp")
    with pytest.raises(InputError, match=r"a\.bmp: its SHA-256 is not the listed one"):
        read_image(tmp_path / "a.bmp", "0" * 64)
