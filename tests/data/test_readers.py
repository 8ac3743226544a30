"""Every kind of picture is read as it is meant, and what cannot be read says why."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from tfmedgan.data.decoders.samples import LARGEST
from tfmedgan.data.readers import decode, read_image
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
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_exif_rotation_is_applied(tmp_path, suffix, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(RGB).save(path, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    np.testing.assert_array_equal(read_image(path), expected)


def test_exif_behind_other_segments_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RGB).save(tmp_path / "a.jpg", exif=exif)
    data = (tmp_path / "a.jpg").read_bytes()
    segment = b"\xff\xe2" + struct.pack(">H", 60002) + bytes(60000)
    (tmp_path / "b.jpg").write_bytes(data[:2] + 2 * segment + data[2:])
    read = read_image(tmp_path / "b.jpg")
    assert read.shape == (30, 20, 3)
    np.testing.assert_array_equal(read, read_image(tmp_path / "a.jpg"))


def test_exif_in_a_text_of_a_png_is_applied(tmp_path):
    """ImageMagick's form: a name, the length, and the profile in hexadecimal digits."""
    profile = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06" + bytes(6)
    for kind in ("exif", "APP1"):
        info = PngInfo()
        text = f"\n{kind}\n{len(profile):8}\n{profile.hex()}\n"
        info.add_text(f"Raw profile type {kind}", text, zip=True)
        Image.fromarray(RGB).save(tmp_path / "a.png", pnginfo=info)
        np.testing.assert_array_equal(read_image(tmp_path / "a.png"), np.rot90(RGB, -1))


def coded(suffix: str, picture: np.ndarray, said: dict) -> bytes:
    """The picture as PNG or TIFF that says `orientation`, `white_is_zero` or `alpha`."""
    buffer, orientation = io.BytesIO(), said.get("orientation", 1)
    if suffix == "png":
        turned = np.ascontiguousarray(picture[..., ::-1] if picture.ndim == 3 else picture)
        data = cv2.imencode(".png", turned)[1].tobytes()
        exif = b"eXIfMM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01"
        exif += struct.pack(">HH", orientation, 0) + bytes(4)
        chunk = struct.pack(">I", len(exif) - 4) + exif + struct.pack(">I", zlib.crc32(exif))
        return data[:33] + chunk + data[33:]
    options = {"photometric": "rgb" if picture.ndim == 3 else "minisblack"}
    if said.get("white_is_zero"):
        options["photometric"] = "miniswhite"
    if "alpha" in said:
        opacity = np.full((*picture.shape[:2], 1), np.iinfo(picture.dtype).max // 5 * 3)
        picture = np.dstack([picture, opacity]).astype(picture.dtype)
        options |= {"extrasamples": [said["alpha"]], "planarconfig": "contig"}
    options["extratags"] = [(274, 3, 1, orientation, True)]
    tifffile.imwrite(buffer, picture, byteorder=said.get("order", "<"), metadata=None, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("picture", [GREY, RGB], ids=["grey", "rgb"])
@pytest.mark.parametrize(
    ("suffix", "said"),
    [("png", {"orientation": turn}) for turn in range(1, 9)]
    + [("tif", {"orientation": turn}) for turn in range(1, 9)]
    + [("tif", {"alpha": kind}) for kind in ("assocalpha", "unassalpha")]
    + [("tif", {"white_is_zero": True, "order": order}) for order in "<>"],
)
def test_sixteen_bits_mean_what_eight_bits_mean(suffix, said, picture):
    if "white_is_zero" in said:
        picture = picture if picture.ndim == 2 else picture[..., 0]
    eight = decode(coded(suffix, picture, said))
    sixteen = decode(coded(suffix, picture.astype(np.uint16) * 257, said))
    assert (eight.dtype, sixteen.dtype) == (np.uint8, np.uint16)
    np.testing.assert_array_equal(eight, np.round(sixteen / 257))


def test_what_a_tiff_says_is_applied():
    turned = decode(coded("tif", GREY_16, {"orientation": 6}))
    np.testing.assert_array_equal(turned, np.rot90(GREY_16, -1))
    white = decode(coded("tif", GREY_16, {"white_is_zero": True}))
    np.testing.assert_array_equal(white, 65535 - GREY_16)
    premultiplied = decode(coded("tif", RGB, {"alpha": "assocalpha"}))
    np.testing.assert_array_equal(premultiplied, RGB)
    straight = decode(coded("tif", RGB, {"alpha": "unassalpha"}))
    np.testing.assert_array_equal(straight, np.round(RGB * 0.6))


def tiff(picture: np.ndarray, **options) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, picture, metadata=None, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("bits", [1, 2, 4, 10, 12, 14])
def test_full_intensity_of_few_bits_is_full_intensity(tmp_path, bits):
    ramp = np.linspace(0, 2**bits - 1, 48).astype(np.uint16)
    ones = (ramp[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    tifffile.imwrite(tmp_path / "a.tif", np.packbits(ones.ravel().astype(np.uint8))[None])
    with tifffile.TiffFile(tmp_path / "a.tif", mode="r+") as file:
        file.pages[0].tags["ImageWidth"].overwrite(48)
        file.pages[0].tags["BitsPerSample"].overwrite(bits)
    full = 255 if bits < 8 else 65535
    expected = np.round(ramp / (2**bits - 1) * full)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif"), expected[None])


@pytest.mark.parametrize("compression", ["jpeg", "lzw", "packbits", "zlib", "zstd"])
def test_tiff_is_read_as_pillow_reads_it(compression):
    smooth = cv2.resize(RGB[:3, :4], (32, 48), interpolation=cv2.INTER_CUBIC)
    data = tiff(smooth, photometric="rgb", compression=compression)
    np.testing.assert_array_equal(decode(data), np.asarray(Image.open(io.BytesIO(data))))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tiff(GREY.astype(np.float16)), "floating-point samples"),
        (tiff(GREY.astype(np.int8)), "signed samples"),
        (tiff(GREY_16.astype(np.uint32)), "32 bits per sample is not read; convert it to 16"),
        (tiff(RGB, photometric="cielab"), "kind CIELab is not read"),
        (tiff(np.dstack([RGB, GREY]), photometric="separated"), "kind CMYK is not read"),
        (tiff(RGB, photometric="minisblack", planarconfig="contig"), "3 samples per pixel, 1 of"),
        (tiff(np.stack([GREY] * 3), photometric="minisblack"), "TIFF with 3 pages is not read"),
        (tiff(RGB, photometric="rgb", compression="webp"), "compression 50001 is not read"),
        (coded("tif", GREY, {"orientation": 9}), "orientation 9 is none of"),
        (b"GIF89a" + bytes(9), "is a GIF file"),
        (b"RIFF\x20\0\0\0WAVE" + bytes(20), "is no PNG, JPEG, BMP, TIFF, WebP or DICOM file"),
        (b"\xff\xd8\xff\xc3\0\x0b\x08" + bytes(30), "lossless JPEG is not read"),
        (b"\xff\xd8\xff\xc1\0\x0b\x0c" + bytes(30), "JPEG of 12 bits per sample is not read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_read_is_named(data, reason):
    with pytest.raises(InputError, match=reason):
        decode(data)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_webp_is_read(tmp_path, mode):
    half = np.dstack([RGB, np.full(GREY.shape, 128, np.uint8)])
    picture = half if mode == "RGBA" else RGB
    Image.fromarray(picture).save(tmp_path / "a.webp", lossless=True, exact=True)
    expected = np.round(RGB * (128 / 255)) if mode == "RGBA" else RGB
    np.testing.assert_array_equal(read_image(tmp_path / "a.webp"), expected)


def test_animations_are_refused(tmp_path):
    frames = [Image.fromarray(RGB), Image.fromarray(RGB[::-1])]
    for form in ("webp", "png"):
        frames[0].save(tmp_path / f"a.{form}", save_all=True, append_images=frames[1:])
        with pytest.raises(InputError, match=r"animated .* is not read; give one picture"):
            read_image(tmp_path / f"a.{form}")


def test_truncated_jpeg_with_a_pasted_end_is_refused(tmp_path):
    Image.fromarray(RGB).save(tmp_path / "a.jpg", quality=95)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(data[: len(data) * 2 // 3] + b"\xff\xd9")
    with pytest.raises(InputError, match=r"b\.jpg: truncated or damaged JPEG"):
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
        "d.tif": "floating-point samples is not read; convert it to 8 or 16 bits",
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
