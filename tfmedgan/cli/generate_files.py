"""The files that tfmedgan-generate writes."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.data.class_folders import folder_names
from tfmedgan.data.records import Progress
from tfmedgan.files import new_directory, write_bytes
from tfmedgan.models import sampling
from tfmedgan.reporting.grids import grid
from tfmedgan.run_directory import RunDirectory
from tfmedgan.synthetic_png import MARK, write_png

COLUMNS = 8


def write(
    run: RunDirectory, out: Path, num: int, label: int | None,
    names: tuple[str, ...], seed: int, with_grid: bool,
    with_arrays: bool, progress: Progress,
) -> list[str]:  # fmt: skip
    """Generate and write all files, or none; returns their names relative to `out`."""
    generator = sampling.load_generator(run.generator_path)
    digest = hashlib.sha256(run.generator_path.read_bytes()).hexdigest()
    labels = _labels(num, label, len(names))
    images = sampling.sample(generator, num, seed, labels)
    with new_directory(out) as staging:
        files = _write_images(staging, images, labels, names, seed, digest, progress)
        if with_grid:
            write_png(staging / "grid.png", _picture(images), Seed=seed, Model=digest)
            files.append("grid.png")
        if with_arrays:
            _write_arrays(staging / "images.npz", images, labels, names, seed, digest)
            files.append("images.npz")
    return files


def _labels(num: int, label: int | None, n_classes: int) -> np.ndarray | None:
    if not n_classes:
        return None
    return np.arange(num) % n_classes if label is None else np.full(num, label)


def _write_images(
    folder: Path,
    images: np.ndarray,
    labels: np.ndarray | None,
    names: tuple[str, ...],
    seed: int,
    digest: str,
    progress: Progress,
) -> list[str]:
    files, folders = [], folder_names(names)
    for index, image in enumerate(images):
        facts: dict[str, Any] = {"Seed": seed, "Index": index, "Model": digest}
        name = f"{index:06d}.png"
        if labels is not None:
            facts["Label"] = names[labels[index]]
            name = f"{folders[labels[index]]}/{name}"
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        write_png(path, image, **facts)
        files.append(name)
        progress(index + 1, len(images), "writing images")
    return files


def _write_arrays(
    path: Path,
    images: np.ndarray,
    labels: np.ndarray | None,
    names: tuple[str, ...],
    seed: int,
    digest: str,
) -> None:
    """The images in one file that NumPy reads, with the facts that the PNGs carry."""
    facts: dict[str, Any] = {"Synthetic": MARK, "Seed": seed, "Model": digest}
    if labels is not None:
        facts |= {"labels": labels, "classes": np.array(names)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, images=images, **facts)
    write_bytes(path, buffer.getvalue())


def _picture(images: np.ndarray) -> np.ndarray:
    """All images in rows; the last row is filled up with white."""
    return grid([images[start : start + COLUMNS] for start in range(0, len(images), COLUMNS)])
