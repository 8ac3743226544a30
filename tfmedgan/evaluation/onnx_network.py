"""A network for features in an ONNX file. It needs onnxruntime, and no TensorFlow."""

import hashlib
import mmap
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.files import file_sha256

TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
# In ONNX's external_data: the key "location", then length and name of the file with the weights.
LOCATION = re.compile(rb"\n\x08location\x12([\x01-\x7f])")


@dataclass(frozen=True)
class ImageInput:
    """How a file wants its images."""

    name: str
    dtype: type
    one_by_one: bool
    channels_first: bool
    size: tuple[int, int]  # height and width
    channels: int

    def feeds(self, images: np.ndarray) -> list[dict[str, np.ndarray]]:
        """Images, (n, height, width, channels), as the file takes them, in one part or n."""
        values: np.ndarray = images.astype(self.dtype)
        if self.channels_first:
            values = np.ascontiguousarray(values.transpose(0, 3, 1, 2))
        parts = np.split(values, len(values)) if self.one_by_one else [values]
        return [{self.name: part} for part in parts]


def from_onnx(path: Path, size: int | None = None) -> Extractor:
    """The network in an ONNX file.

    It must take images alone, (n, channels, height, width) or (n, height, width, channels), and
    give one vector an image, or else one map, which is averaged over its pixels.

    Args:
        size: pixels, for a file that takes any size.

    Raises:
        InputError: when it cannot be loaded, does not take images, or gives no vectors.
    """
    session = _session(path)
    images = _images(path, session.get_inputs(), size)
    output, is_map = _output(path, session.get_outputs())
    pixels = (2, 3) if images.channels_first else (1, 2)

    def network(batch: np.ndarray) -> tuple[np.ndarray, None]:
        parts = [session.run([output], feed)[0] for feed in images.feeds(batch)]
        values = np.concatenate(parts).astype(np.float32)
        return (values.mean(axis=pixels) if is_map else values), None

    return Extractor(path.stem, digest(path), images.size, images.channels, network)


def digest(path: Path) -> str:
    """SHA-256 of the file; where it keeps weights in other files, of the SHA-256 of all."""
    others = _weight_files(path)
    if not others:
        return file_sha256(path)
    every = "".join(file_sha256(file) for file in (path, *others))
    return hashlib.sha256(every.encode()).hexdigest()


def runtime() -> Any:
    """The module onnxruntime, which reports its use to its maker unless it is told not to."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime


def _session(path: Path) -> Any:
    try:
        onnxruntime = runtime()
    except ImportError:
        raise InputError(f"{path}: needs onnxruntime: pip install 'tfmedgan[features]'") from None
    absent = [file.name for file in _weight_files(path) if not file.is_file()]
    require(not absent, f"{path}: its weights are in {', '.join(absent)}, which is not beside it")
    there = onnxruntime.get_available_providers()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it has to say of a bad file is said below
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=[name for name in PROVIDERS if name in there]
        )
    except Exception:  # onnxruntime has types of its own for bad files
        raise InputError(f"{path}: not an ONNX file that this onnxruntime can run") from None


def _weight_files(path: Path) -> list[Path]:
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        ends = [(match.end(), match[1][0]) for match in LOCATION.finditer(data)]
        names = {data[end : end + length].decode(errors="replace") for end, length in ends}
    return [path.parent / name for name in sorted(names)]


def _images(path: Path, inputs: list, size: int | None) -> ImageInput:
    require(len(inputs) == 1, f"{path}: takes {_named(inputs)}; it must take images alone")
    (given,) = inputs
    shape = tuple(given.shape)
    text = f"{path}: takes {given.type} {shape}"
    require(
        given.type in TYPES and len(shape) == 4,
        f"{text}; it must take float images, (n, channels, height, width) or channels last",
    )
    require(
        shape[0] == 1 or not isinstance(shape[0], int),
        f"{text}; export it for one image or for any number of them",
    )
    places = [place for place in (1, 3) if _is_channels(shape[place], size)]
    require(len(places) == 1, f"{text}; 1 or 3 channels must come second or last")
    (place,) = places
    sides = (2, 3) if place == 1 else (1, 2)
    height, width = (n if isinstance(n, int) else size or 0 for n in (shape[i] for i in sides))
    require(height and width, f"{text}, images of any size; export it for one")
    channels = shape[place] if isinstance(shape[place], int) else 3
    return ImageInput(given.name, TYPES[given.type], shape[0] == 1, place == 1, (height, width),
                      channels)  # fmt: skip


def _is_channels(side: int | str | None, size: int | None) -> bool:
    """Whether a side counts channels; by its name only where the network is a known one."""
    return side in (1, 3) or bool(size and isinstance(side, str) and "channel" in side.lower())


def _output(path: Path, outputs: list) -> tuple[str, bool]:
    """The name of the output with features, and whether it is a map."""
    for rank, is_map in ((2, False), (4, True)):
        names = [output.name for output in outputs if len(output.shape or ()) == rank]
        if len(names) == 1:
            return names[0], is_map
        require(not names, f"{path}: gives {_named(outputs)}; export it with one vector an image")
    raise InputError(f"{path}: gives {_named(outputs)}; it must give one vector an image, (n, d)")


def _named(values: list) -> str:
    return ", ".join(f"{value.name} {tuple(value.shape or ())}" for value in values)
