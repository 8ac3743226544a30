"""The formats of an export, and the packages that each one needs."""

from dataclasses import dataclass
from importlib.util import find_spec

from tfmedgan.errors import require


@dataclass(frozen=True)
class Format:
    """A module of `tfmedgan.serving` that writes a format and runs what it wrote."""

    module: str
    title: str
    extra: str = ""  # of this package; "": needs none
    packages: tuple[str, ...] = ()  # that the extra installs
    any_precision: bool = False  # else generators of mixed precision are written in float32


FORMATS = {
    "savedmodel": Format("saved_model", "SavedModel", any_precision=True),
    "onnx": Format("onnx_model", "ONNX", "onnx", ("tf2onnx", "onnx", "onnxruntime")),
    "litert": Format("litert_model", "LiteRT", "litert", ("ai_edge_litert",)),
}


def check_format(name: str) -> None:
    """Refuse, without loading TensorFlow, what cannot be written here.

    Raises:
        InputError: an unknown format, or packages that are not installed.
    """
    require(name in FORMATS, f"--format {name}: no such format; valid: {', '.join(FORMATS)}")
    chosen = FORMATS[name]
    missing = [package for package in chosen.packages if not _installed(package)]
    require(
        not missing,
        f"--format {name} needs {', '.join(missing)}: pip install 'tfmedgan[{chosen.extra}]'",
    )


def _installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:  # a module that was taken out of sys.modules
        return False
