"""Pictures drawn at random, in every combination of what a file can say, are read as meant.

Each file is made by a library, or for what no library writes by the few lines below, from samples
whose meaning is computed here on its own: intensities from 0 to 1, opacity, orientation.
"""

import io
import struct
import zlib
from collections import Counter
from dataclasses import dataclass

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from tfmedgan.data.readers import decode
from tfmedgan.errors import InputError

pydicom = pytest.importorskip("pydicom")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")

TURNED = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.rot90(np.fliplr(a)),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.fliplr(a), -1),
    8: np.rot90,
}


@dataclass
class File:
    """A file, and the intensities that it means, or what a refusal of it must name."""

    data: bytes
    meant: np.ndarray | None = None  # (h, w, 1 or 3), 0 to 1
    bits: int = 8  # of what is read
    named: str = ""
    tolerance: float = 0  # levels of one sample; above 2, of the mean


def pick(dice, *choices):
    return choices[dice.integers(len(choices))]


def raw(dice, bits: int, *channels: int) -> np.ndarray:
    """Random samples, not a square."""
    shape = (int(dice.integers(1, 24)), int(dice.integers(1, 24)), *channels)
    return dice.integers(0, 2**bits, shape).astype(np.uint8 if bits <= 8 else np.uint16)


def shares(samples: np.ndarray, bits: int, alpha: bool = False) -> np.ndarray:
    """Intensities; the last channel is opacity where there is alpha."""
    share = samples.astype(float) / (2**bits - 1)
    share = share[..., None] if share.ndim == 2 else share
    return share[..., :-1] * share[..., -1:] if alpha else share


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def packed(samples: np.ndarray, bits: int) -> np.ndarray:
    """Rows of samples with the highest bit first, each row filled up to a byte."""
    ones = (samples[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(ones.reshape(len(samples), -1).astype(np.uint8), axis=1)


def png(dice) -> File:
    """All colour types and depths, interlaced or not, with what else may be said."""
    colour = pick(dice, 0, 2, 3, 4, 6)
    depth = pick(dice, *{0: (1, 2, 4, 8, 16), 3: (1, 2, 4, 8)}.get(colour, (8, 16)))
    channels = {2: (3,), 4: (2,), 6: (4,)}.get(colour, ())
    samples, chunks = raw(dice, depth, *channels), []
    meant = shares(samples, depth, colour >= 4)
    if colour == 3:
        palette = dice.integers(0, 256, (2**depth, 4), dtype=np.uint8)
        chunks.append((b"PLTE", palette[:, :3].tobytes()))
        clear = pick(dice, True, False)
        palette[:, 3] = palette[:, 3] if clear else 255
        chunks += [(b"tRNS", palette[:, 3].tobytes())] if clear else []
        meant = shares(palette[samples], 8, True)
    elif colour < 4 and pick(dice, True, False):
        key = np.atleast_1d(samples[0, 0])
        chunks.append((b"tRNS", key.astype(">u2").tobytes()))
        meant = meant * (samples.reshape(*meant.shape) != key).any(-1, keepdims=True)
    orientation = int(dice.integers(1, 9))
    before = [(b"eXIf", exif(orientation).removeprefix(b"Exif\0\0"))]
    gamma = pick(dice, 0, 0, 45455, 100000)
    before += [(b"gAMA", struct.pack(">I", gamma))] if gamma else []
    wrong = ""
    head = struct.pack(">IIBBBBB", *samples.shape[1::-1], depth, colour, 0, 0, pick(dice, 0, 1))
    wrong = "interlaced 16-bit PNG" if (depth, colour, head[-1]) == (16, 4, 1) else wrong
    parts = passes(samples) if head[-1] else [samples]
    rows = b"".join(
        b"\0" + row.tobytes() for part in parts if part.size for row in packed(part, depth)
    )
    wrong = "gamma of 1 " if gamma == 100000 else wrong
    chunks = [(b"IHDR", head), *before, *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    tolerance = float(colour >= 3)
    return File(data, TURNED[orientation](meant), max(depth, 8), wrong, tolerance)


def passes(samples: np.ndarray) -> list[np.ndarray]:
    """The seven passes of PNG 3rd edition section 8.2."""
    steps = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2)]
    return [samples[y::down, x::across] for y, x, down, across in (*steps, (1, 0, 2, 1))]


def tiff(dice) -> File:
    """tifffile: photometric meaning, planes, alpha, tiles, compression, order of bytes."""
    photometric = pick(dice, "minisblack", "miniswhite", "rgb", "palette")
    bits = 8 if photometric == "palette" else pick(dice, 8, 16)
    extra = pick(dice, None, None, "assocalpha", "unassalpha", "unspecified")
    extra = None if photometric == "palette" else extra
    channels = (3 if photometric == "rgb" else 1) + bool(extra)
    samples = raw(dice, bits, *([channels] if channels > 1 else []))
    if extra == "assocalpha":
        samples[..., :-1] = np.minimum(samples[..., :-1], samples[..., -1:])
    options = {"photometric": photometric, "bigtiff": pick(dice, True, False)}
    if photometric == "palette":
        colours = dice.integers(0, 256, (3, 256), dtype=np.uint16)
        options["colormap"] = colours * np.uint16(pick(dice, 256, 257))
        meant = shares(colours.T[samples], 8)
    elif extra in ("assocalpha", "unspecified"):
        meant = shares(samples, bits)[..., :-1]
    else:
        meant = shares(samples, bits, extra is not None)
    named = ""
    if extra and photometric == "miniswhite":
        named = "extra sample" if extra == "unspecified" else "white-is-zero with alpha"
    elif extra == "unspecified" and photometric != "rgb":
        named = "extra sample of kind 0"
    meant = 1 - meant if photometric == "miniswhite" else meant
    if extra:
        options["extrasamples"] = [extra]
    if channels > 1:
        options["planarconfig"] = pick(dice, "contig", "separate")
    separate = options.get("planarconfig") == "separate"
    options["compression"] = pick(dice, None, None, "zlib", "lzw", "packbits", "zstd", "lzma")
    if options["compression"] and photometric != "palette":
        options["predictor"] = pick(dice, True, False)
    if pick(dice, True, False):
        options["tile"] = (16, 16)
    else:
        options["rowsperstrip"] = int(dice.integers(1, 8))
    orientation = int(dice.integers(1, 9))
    options["extratags"] = [(274, 3, 1, orientation, True)]
    buffer = io.BytesIO()
    pixels = np.moveaxis(samples, -1, 0) if separate else samples
    tifffile.imwrite(buffer, pixels, byteorder=pick(dice, "<", ">"), metadata=None, **options)
    return File(buffer.getvalue(), TURNED[orientation](meant), bits, named, float(bool(extra)))


def tiff_directory(tags: dict, pixels: bytes, order: str) -> bytes:
    """A TIFF of one strip with these tags: code → numbers, all of 16 or 32 bits."""
    tags = dict(sorted((tags | {273: [0], 279: [len(pixels)]}).items()))
    after, values, entries = 8 + 2 + 12 * len(tags) + 4, b"", b""
    for code, numbers in tags.items():
        wide = code in (273, 279)
        body = struct.pack(f"{order}{len(numbers)}{'I' if wide else 'H'}", *numbers)
        if len(body) > 4:
            values, body = values + body, struct.pack(f"{order}I", after + len(values))
        entries += struct.pack(f"{order}HHI", code, 4 if wide else 3, len(numbers)) + body.ljust(
            4, b"\0"
        )
    start = struct.pack(f"{order}I", after + len(values))
    place = 12 * list(tags).index(273) + 8
    entries = entries[:place] + start + entries[place + 4 :]
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    return head + struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + values + pixels


def odd_tiff(dice) -> File:
    """1 to 16 bits, both orders of bits, and samples that are refused by name."""
    photometric, bits = pick(dice, 0, 1, 2, 3), int(dice.integers(1, 17))
    bits = min(bits, 8) if photometric == 3 else bits
    samples = raw(dice, bits, *([3] if photometric == 2 else []))
    meant, order = shares(samples, bits), pick(dice, "<", ">")
    swapped = bits == 16 and order == "<"
    pixels = (samples if swapped else packed(samples, bits)).tobytes()
    orientation = int(dice.integers(1, 9))
    height, width = samples.shape[:2]
    channels = 3 if photometric == 2 else 1
    tags = {
        256: [width], 257: [height], 258: [bits] * channels, 259: [1], 262: [photometric],
        274: [orientation], 277: [channels], 278: [height],
    }  # fmt: skip
    if bits != 16 and pick(dice, True, False):
        tags[266] = [2]
        pixels = np.packbits(
            np.unpackbits(np.frombuffer(pixels, np.uint8)), bitorder="little"
        ).tobytes()
    if photometric == 3:
        colours = dice.integers(0, 256, (3, 2**bits), dtype=np.uint16)
        colours[0, 0] = 255
        tags[320] = list((colours * pick(dice, 1, 256, 257)).ravel())
        meant = shares(colours.T[samples], 8)
    meant = 1 - meant if photometric == 0 else meant
    named = ""
    match dice.integers(12):
        case 0:
            kind = pick(dice, 2, 3, 4, 5)
            tags[339] = [kind] * channels
            named = {2: "signed", 3: "floating-point", 4: "undefined", 5: "complex|directory"}[kind]
        case 1:
            tags[262] = [pick(dice, 4, 5, 8, 9, 10, 32803, 34892)]
            named = "TIFF of kind"
        case 2:
            del tags[262]
            named = "without PhotometricInterpretation"
        case 3:
            tags[277] = [channels + 1]
            tags[258] = [bits] * (channels + 1)
            named = "samples per pixel|truncated"
        case 4:
            tags[274] = [9]
            named = "orientation 9"
    data = tiff_directory(tags, pixels, order)
    return File(data, TURNED[orientation](meant), 8 if bits <= 8 else 16, named, float(bits > 8))


def smooth(dice, channels: int = 3) -> np.ndarray:
    small = dice.integers(0, 256, (3, 4, channels), dtype=np.uint8)
    size = (int(dice.integers(16, 40)), int(dice.integers(16, 40)))
    return cv2.resize(small, size, interpolation=cv2.INTER_CUBIC).reshape(*size[::-1], channels)


def jpeg(dice) -> File:
    """Grey, colour, CMYK, sequential and progressive, EXIF before or behind other segments."""
    mode, orientation = pick(dice, "L", "RGB", "RGB", "CMYK"), int(dice.integers(1, 9))
    colours = smooth(dice, 1 if mode == "L" else 3)
    image = Image.fromarray(colours[..., 0] if mode == "L" else colours).convert(mode)
    buffer = io.BytesIO()
    keep = {"subsampling": 0} if mode != "L" else {}
    image.save(buffer, "jpeg", quality=95, progressive=pick(dice, True, False), **keep)
    data = buffer.getvalue()
    comments = (b"\xff\xfe" + struct.pack(">H", 60002) + bytes(60000)) * int(dice.integers(0, 4))
    body = exif(orientation)
    body = body if body.startswith(b"Exif\0\0") else b"Exif\0\0" + body
    said = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    data = data[:2] + comments + said + data[2:]
    named = "CMYK" if mode == "CMYK" else ""
    return File(data, TURNED[orientation](shares(colours, 8)), 8, named, 4)


def pillow(dice) -> File:
    """BMP, WebP and TIFF as Pillow writes them."""
    form = pick(dice, "bmp", "webp", "lossy", "tiff", "tiff")
    mode = pick(dice, "RGB", "RGBA", *(() if form in ("webp", "lossy") else ("1", "L", "P")))
    mode = pick(dice, mode, "CMYK", "YCbCr", "LAB", "F", "I") if form == "tiff" else mode
    colours = smooth(dice) if form == "lossy" else raw(dice, 8, 3)
    opacity = np.where(dice.random((*colours.shape[:2], 1)) < 0.5, 255, 0)
    image, options = Image.fromarray(colours), {}
    meant = shares(colours, 8)
    if mode == "RGBA":
        image = Image.fromarray(np.dstack([colours, opacity]).astype(np.uint8))
        meant = meant * (opacity / 255)
    elif mode in ("1", "L", "P"):
        image = image.convert(mode) if mode != "P" else image.quantize(int(dice.integers(2, 256)))
        meant = shares(np.asarray(image.convert("RGB")), 8)
    elif mode != "RGB":
        image = Image.new(mode, image.size)
    options = {"compression": pick(dice, None, "tiff_lzw", "packbits", "tiff_adobe_deflate")}
    if form == "tiff" and mode == "1":
        options["compression"] = pick(dice, "group3", "group4", "raw")
    orientation = 1
    if form in ("webp", "lossy"):
        orientation = int(dice.integers(1, 9))
        options = {"lossless": form == "webp", "exact": True, "quality": 95}
        options["exif"] = exif(orientation)
    if form == "lossy" and mode == "RGBA":
        options |= {"lossless": True}
    buffer = io.BytesIO()
    image.save(buffer, {"lossy": "webp"}.get(form, form), **options)
    refused = {"CMYK": "CMYK", "YCbCr": "YCbCr", "LAB": "CIELab", "F": "floating", "I": "signed"}
    named = refused.get(mode, "")
    if options.get("compression") in ("group3", "group4") and 3 not in tifffile.TIFF.DECOMPRESSORS:
        named = "compression"  # an imagecodecs for Python 3.10
    if (form, mode) == ("bmp", "RGBA") and len(np.unique(opacity)) == 2:
        named = "fourth byte"  # Pillow writes it without saying that it is opacity
    elif (form, mode) == ("bmp", "RGBA"):
        meant = shares(colours, 8)
    tolerance = 9 if form == "lossy" else 0
    return File(buffer.getvalue(), TURNED[orientation](meant), 8, named, tolerance)


def dicom(dice) -> File:
    """Stored bits, high bit, sign, rescale, window, padding, palette, planes, transfer syntaxes."""
    from pydicom import uid

    kind = pick(dice, "MONOCHROME1", "MONOCHROME2", "MONOCHROME2", "RGB", "PALETTE COLOR")
    allocated = 8 if kind == "PALETTE COLOR" else pick(dice, 8, 16)
    bits = 8 if kind == "PALETTE COLOR" else int(dice.integers(allocated // 2, allocated + 1))
    grey = kind.startswith("MONO")
    signed = bool(grey and pick(dice, 0, 1))
    samples = raw(dice, bits, *([3] if kind == "RGB" else [])).astype(np.int64)
    low = -(2 ** (bits - 1)) if signed else 0
    stored = samples + low
    shift = int(dice.integers(0, allocated - bits + 1)) if grey and pick(dice, True, False) else 0
    cells = ((stored << shift) & (2 ** (bits + shift) - 1)).astype(
        np.uint8 if allocated == 8 else np.uint16
    )
    dirt = dice.integers(0, 2, cells.shape).astype(cells.dtype) << (allocated - 1)
    cells = cells | dirt if bits + shift < allocated and grey else cells  # as old overlays are
    tags = {
        "Rows": cells.shape[0], "Columns": cells.shape[1], "BitsAllocated": allocated,
        "BitsStored": bits, "HighBit": bits - 1 + shift, "PixelRepresentation": int(signed),
        "SamplesPerPixel": 3 if kind == "RGB" else 1, "PhotometricInterpretation": kind,
    }  # fmt: skip
    meant, full = shares(samples, bits), 16 if grey or bits > 8 else 8
    pixels = cells
    if kind == "RGB":
        tags["PlanarConfiguration"] = pick(dice, 0, 1)
        pixels = np.moveaxis(cells, -1, 0) if tags["PlanarConfiguration"] else cells
    if kind == "PALETTE COLOR":
        colours, form = (
            dice.integers(0, 256, (3, 256)),
            pick(dice, "bytes", "words", "low", 256, 257),
        )
        colours[0, 0] = 255
        for name, one in zip(("Red", "Green", "Blue"), colours, strict=True):
            stem = f"{name}PaletteColorLookupTable"
            tags[f"{stem}Descriptor"] = [256, 0, 8 if form in ("bytes", "words") else 16]
            scale = form if isinstance(form, int) else 1
            one = (one * scale).astype("u1" if form == "bytes" else "<u2")
            tags[f"{stem}Data"] = one.tobytes()
        meant = shares(colours.T[samples], 8)
    if grey:
        meant, more = window(dice, stored, low, bits)
        tags |= more
        meant = 1 - meant if kind == "MONOCHROME1" else meant
        padding = pick(dice, None, int(stored.flat[0]))
        if padding is not None:
            tags["PixelPaddingValue"] = padding
            meant = meant * (stored != padding)[..., None]
    named = ""
    if dice.random() < 0.2:
        name, value, named = pick(
            dice,
            ("Rows", None, "Rows"), ("BitsStored", None, "BitsStored"),
            ("PhotometricInterpretation", None, "PhotometricInterpretation"),
            ("SamplesPerPixel", None, "SamplesPerPixel"), ("NumberOfFrames", 2, "2 frames"),
            ("PhotometricInterpretation", "CMYK", "CMYK"),
            ("BitsAllocated", 12, "BitsAllocated 12"),
        )  # fmt: skip
        tags[name] = value
    syntax = pick(
        dice, uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian,
        uid.DeflatedExplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.RLELossless,
    )  # fmt: skip
    planar = tags.get("PlanarConfiguration")  # which pydicom cannot compress
    if kind == "PALETTE COLOR" or shift or named or planar or bits + shift < allocated:
        syntax = uid.ExplicitVRLittleEndian
    data = written(tags, pixels, allocated, syntax, pick(dice, True, False))
    return File(data, meant, full, named, 1)


def window(dice, stored: np.ndarray, low: int, bits: int) -> tuple[np.ndarray, dict]:
    """Grey intensities, and the tags that make them: some there and empty, which is absent."""
    slope, intercept = pick(dice, (1, 0), (2, -1000), (0.5, 3), (-1, 10))
    tags = {"RescaleSlope": slope, "RescaleIntercept": intercept}
    if (slope, intercept) == (1, 0):
        tags = dict.fromkeys(tags)
    values = stored * slope + intercept
    ends = np.array([low, low + 2**bits - 1]) * slope + intercept
    first, last = ends.min(), ends.max()
    tags |= pick(dice, {}, dict.fromkeys(("WindowCenter", "WindowWidth", "VOILUTSequence")))
    if pick(dice, True, False):
        first, last = np.round(np.quantile(ends, (0.25, 0.75))) if slope > 0 else (first, last)
        tags |= {"VOILUTFunction": "LINEAR_EXACT"}
        tags |= {"WindowCenter": (first + last) / 2, "WindowWidth": last - first}
    return np.clip((values - first) / (last - first), 0, 1)[..., None], tags


def written(tags: dict, pixels: np.ndarray, allocated: int, syntax, preamble: bool) -> bytes:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import RLELossless, SecondaryCaptureImageStorage, generate_uid

    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    for name, value in tags.items():
        setattr(dataset, name, value)
    big = syntax == pydicom.uid.ExplicitVRBigEndian
    cells = pixels.astype(pixels.dtype.newbyteorder(">" if big else "<")).tobytes()
    dataset.PixelData = cells + b"\0" * (len(cells) % 2)
    dataset["PixelData"].VR = "OB" if allocated == 8 else "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    if syntax == RLELossless:
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    buffer = io.BytesIO()
    keep = syntax == pydicom.uid.ExplicitVRLittleEndian and not preamble
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()[132:] if keep else buffer.getvalue()


MAKERS = (png, tiff, odd_tiff, jpeg, pillow, dicom)


def check(file: File) -> str:
    """ "read", or the refusal; raises where a file is read as it is not meant."""
    try:
        read = decode(file.data)
    except InputError as error:
        reason = str(error)
        assert "\n" not in reason and file.named, f"refused: {reason}"
        assert any(name in reason for name in file.named.split("|")), (file.named, reason)
        return file.named
    assert not file.named, f"{file.named}: is read"
    full = 255 if file.bits == 8 else 65535
    assert read.dtype == (np.uint8 if file.bits == 8 else np.uint16)
    assert read.shape[:2] == file.meant.shape[:2]
    wide = np.broadcast_to(read[..., None] if read.ndim == 2 else read, (*read.shape[:2], 3))
    apart = np.abs(wide.astype(float) - np.round(file.meant * full))
    assert (apart.mean() if file.tolerance > 2 else apart.max()) <= file.tolerance
    return "read"


def check_all(count: int) -> Counter:
    outcomes = Counter()
    for seed in range(count):
        maker = MAKERS[seed % len(MAKERS)]
        try:
            outcomes[maker.__name__, check(maker(np.random.default_rng(seed)))] += 1
        except AssertionError as error:
            raise AssertionError(f"{maker.__name__}, seed {seed}: {error}") from error
    return outcomes


def test_files_are_read_as_they_are_meant(capfd):
    outcomes = check_all(3000)
    assert sum(n for (_, outcome), n in outcomes.items() if outcome == "read") > 2000
    assert capfd.readouterr() == ("", "")  # what a library prints


def test_files_cut_short_are_refused():
    for seed in range(600):
        dice = np.random.default_rng(seed)
        file = MAKERS[seed % len(MAKERS)](dice)
        if file.named:
            continue
        try:
            cut = decode(file.data[: dice.integers(1, len(file.data))])
        except InputError as error:
            assert "\n" not in str(error)
        else:  # what is missing held no pixels
            np.testing.assert_array_equal(cut, decode(file.data), err_msg=str(seed))


@pytest.mark.slow
def test_many_more_files_are_read_as_they_are_meant():
    outcomes = check_all(24000)
    print("\n".join(f"{maker}\t{outcome}\t{n}" for (maker, outcome), n in sorted(outcomes.items())))
