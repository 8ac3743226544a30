"""PNG files, animated ones too, that say of themselves that they are synthetic."""

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.files import write_bytes

MARK = "Synthetic image made by a generative model (tfmedgan); it shows no real patient."
HEADER = 33  # bytes before the first place for a text chunk: signature and IHDR


def encode_png(image: np.ndarray, **facts: Any) -> bytes:
    """PNG bytes of a uint8 image, (H, W), (H, W, 1) or (H, W, 3), with text chunks.

    The chunk "Synthetic" holds the mark; each of `facts` becomes a chunk of its own.
    """
    return encode_real_png(image, Synthetic=MARK, **facts)


def encode_real_png(image: np.ndarray, **facts: Any) -> bytes:
    """PNG bytes without the mark, for real images and for sheets that hold some."""
    return _encoded([image], facts)


def encode_animation(frames: Sequence[np.ndarray], milliseconds: int, **facts: Any) -> bytes:
    """An animated PNG (PNG, third edition, §7.2) that repeats for ever, else as `encode_png`.

    Args:
        frames: uint8 images of one size. One that equals the one before only lengthens that.
        milliseconds: that each is shown.
    """
    timing = {"save_all": True, "duration": milliseconds, "loop": 0}
    return _encoded(frames, {"Synthetic": MARK, **facts}, **timing)


def _encoded(images: Sequence[np.ndarray], facts: dict[str, Any], **more: Any) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for name, value in facts.items():
        info.add_text(name, str(value))
    flat = (i[..., 0] if i.ndim == 3 and i.shape[2] == 1 else i for i in images)
    first, *others = map(Image.fromarray, flat)
    buffer = io.BytesIO()
    first.save(buffer, "PNG", pnginfo=info, append_images=others, **more)
    return buffer.getvalue()


def write_png(path: Path, image: np.ndarray, **facts: Any) -> None:
    """Write `encode_png` to `path` in one step."""
    write_bytes(path, encode_png(image, **facts))


def text_chunks(**facts: Any) -> bytes:
    """The mark and `facts` (ASCII) as tEXt chunks, for a PNG made elsewhere (ISO 15948 §11.3.4)."""
    marks = {"Synthetic": MARK, **facts}
    return b"".join(_chunk(f"{name}\0{value}".encode("ascii")) for name, value in marks.items())


def _chunk(content: bytes) -> bytes:
    typed = b"tEXt" + content
    return struct.pack(">I", len(content)) + typed + struct.pack(">I", zlib.crc32(typed))
