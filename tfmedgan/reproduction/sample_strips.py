"""Lines of samples that were kept for each row, and whether anything can be seen in them."""

from pathlib import Path

import numpy as np

from tfmedgan.errors import InputError
from tfmedgan.evaluation.metrics.tint import made_grey
from tfmedgan.files import read_json_if_there
from tfmedgan.reproduction.study import REAL, Study
from tfmedgan.reproduction.summary import Summary

BLOCK = 4  # pixels over which is averaged, so that noise does not count as contrast
GREY = 0.6  # share of the real images' contrast below which samples are called grey


def strips_of(study: Study, summary: Summary) -> dict[str, np.ndarray]:
    """Strips of synthetic images by the names of rows; uint8 (height, width, channels)."""
    strips: dict[str, np.ndarray] = {}
    grey = {row.label for row in summary.table.rows if row.made_grey}
    for result in study.results.read():
        if result.table != summary.table.key or result.seed or result.row in strips:
            continue
        path = study.sample_strips / f"{result.run}-epoch-{result.epochs}.png"
        if path.exists():
            strip = read_strip(path)
            strips[result.row] = made_grey(strip) if result.row in grey else strip
    return strips


def real_strip(study: Study, strips: dict[str, np.ndarray]) -> Path:
    """Where real images of the size of the largest samples are kept, if they are."""
    side, _, channels = max((s.shape for s in strips.values()), default=(0, 0, 0))
    return study.real_strip((side, side, channels))


def is_real(path: Path) -> bool:
    return path.name.startswith(REAL)


def is_shown(path: Path) -> bool:
    """Whether reports show it: strips of reals, and of the first seed."""
    return is_real(path) or "-seed-0-" in path.name


def read_strip(path: Path) -> np.ndarray:
    """A strip's image, uint8 (height, width, channels).

    Raises:
        InputError: for a file that is no whole image.
    """
    from PIL import Image

    try:
        pixels = np.asarray(Image.open(path))
    except OSError:
        raise InputError(f"{path}: is no whole image; restore it, or delete it") from None
    return pixels[..., None] if pixels.ndim == 2 else pixels


def images_of(strip: np.ndarray) -> np.ndarray:
    """The images of a strip, (n, side, side, channels)."""
    side = strip.shape[0]
    return strip.reshape(side, -1, side, strip.shape[2]).swapaxes(0, 1)


def contrast(strip: np.ndarray) -> float:
    """Standard deviation of the brightness of blocks within an image, mean over the images."""
    images = images_of(strip).mean(axis=3)
    whole = strip.shape[0] // BLOCK * BLOCK
    parts = images[:, :whole, :whole].reshape(len(images), whole // BLOCK, BLOCK, -1, BLOCK)
    return float(parts.mean(axis=(2, 4)).std(axis=(1, 2)).mean())


def grey_rows(study: Study, summary: Summary) -> dict[str, float]:
    """Rows whose samples are grey, with their contrast as a share of the real images'."""
    strips = strips_of(study, summary)
    real = _contrast_of_reals(real_strip(study, strips))
    if not real:
        return {}
    shares = {label: contrast(strip) / real for label, strip in strips.items()}
    return {label: share for label, share in shares.items() if share < GREY}


def _contrast_of_reals(strip: Path) -> float:
    """Of a strip, or what a record has instead of it; 0 where there is neither."""
    if strip.exists():
        return contrast(read_strip(strip))
    return read_json_if_there(strip.with_suffix(".json")).get("contrast", 0.0)


def grey_sentence(rows: dict[str, float]) -> str:
    """A sentence; empty where no row is grey."""
    if not rows:
        return ""
    listed = ", ".join(f"{label} ({share:.0%})" for label, share in rows.items())
    return (
        f"Samples that are nearly grey, with their contrast beside that of real images: {listed}. "
        "Figures of such rows compare noise."
    )
