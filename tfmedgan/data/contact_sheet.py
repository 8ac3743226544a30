"""Contact sheets: images of each class as they are and after the steps, and near-duplicates."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from tfmedgan.data.masks import masks_of, outlined
from tfmedgan.data.records import ImageSet, Record
from tfmedgan.data.steps import run_steps
from tfmedgan.data.steps.chain import to_bytes
from tfmedgan.errors import InputError
from tfmedgan.reporting.charts import encoded
from tfmedgan.seeding import rng

CELL = 1.35  # inches
LABEL = 0.85  # inches for the names of rows
DPI = 120
TITLE, CAPTION = 0.5, 0.45  # inches
INK = "#222222"
SHORT = 18  # letters of a file name that fit below a picture


def class_sheet(
    image_set: ImageSet, label: int, steps: tuple, columns: int = 8, seed: int = 0
) -> bytes | None:
    """PNG bytes: a draw of a class's images, above as read, below after the image steps.

    Masks are drawn as outlines. None when no image of the class can be read.
    """
    records = [record for record in image_set.records if record.label == label]
    if image_set.masks:
        records = [record for record in records if record.mask is not None] or records
    drawn = _drawn(records, columns, seed)
    shown = [(record, *pair) for record in drawn if (pair := _read(image_set, record)) is not None]
    if not shown:
        return None
    name = image_set.class_names[label] if image_set.class_names else "all images"
    before = [run_steps(image, (), mask) for _, image, mask in shown]
    after = [run_steps(image, steps, mask) for _, image, mask in shown]
    captions = [_caption(record, image, mask) for record, image, mask in shown]
    rows = [
        ("as read", list(map(outlined, before)), captions),
        ("after\nthe steps", list(map(outlined, after)), [_size(image) for image in after]),
    ]
    return sheet(f"{name}: {len(shown)} of {len(records)} images", rows)


def duplicate_sheet(
    image_set: ImageSet, pairs: Sequence[tuple[str, str, int]], columns: int = 8
) -> bytes | None:
    """PNG bytes: near-duplicates, one above the other, with the bits that differ; None if none."""
    by_name = {record.name: record for record in image_set.records}
    spread = np.linspace(0, len(pairs) - 1, min(columns, len(pairs))).astype(int)
    ordered = sorted(pairs, key=lambda pair: -pair[2])
    rows: list[tuple[str, list, list]] = [("one", [], []), ("the\nother", [], [])]
    for first, second, bits in (ordered[index] for index in spread):
        for row, name in zip(rows, (first, second), strict=True):
            record = by_name[name]
            row[1].append(to_bytes(image_set.read(record)))
            row[2].append("\n".join(filter(None, (_short(name), record.split))))
        rows[1][2][-1] += f"\n{bits} bits differ"
    title = f"near-duplicates: {len(ordered)} pairs, those that differ most first"
    return sheet(title, rows) if len(pairs) else None


def sheet(title: str, rows: Sequence[tuple[str, list, list]]) -> bytes:
    """PNG bytes of rows of (name, images, captions) below a title."""
    from matplotlib.figure import Figure

    columns = max(len(images) for _, images, _ in rows)
    heights = [_height(images) for _, images, _ in rows]
    width, height = LABEL + columns * CELL, TITLE + sum(heights) + CAPTION * len(rows)
    figure = Figure(figsize=(max(width, 5.0), height), dpi=DPI, facecolor="white")
    figure.text(0.1 / figure.get_figwidth(), 1 - 0.3 / height, title, size=11, color=INK)
    top = height - TITLE
    for (name, images, captions), tall in zip(rows, heights, strict=True):
        _row(figure, top - tall, tall, name, images, captions)
        top -= tall + CAPTION
    return encoded(figure)


def _height(images: list) -> float:
    """Height in inches that the tallest of the images needs."""
    return CELL * min(1.0, max(image.shape[0] / image.shape[1] for image in images))


def _row(
    figure: Any, bottom: float, tall: float, name: str, images: list, captions: list[str]
) -> None:
    width, height = figure.get_size_inches()
    middle = (bottom + tall / 2) / height
    figure.text(0.1 / width, middle, name, size=8, color=INK, va="center")
    for column, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left = (LABEL + column * CELL + 0.04) / width
        axes = figure.add_axes((left, bottom / height, (CELL - 0.08) / width, tall / height))
        small = image.shape[0] < 100
        axes.imshow(
            image.squeeze(), cmap="gray", vmin=0, vmax=255,
            interpolation="nearest" if small else "antialiased",
        )  # fmt: skip
        axes.set_anchor("S")
        axes.set_axis_off()
        where = (left + (CELL - 0.08) / 2 / width, (bottom - 0.04) / height)
        figure.text(*where, caption, size=5.5, color=INK, ha="center", va="top", linespacing=1.15)


def _drawn(records: Sequence[Record], count: int, seed: int) -> list[Record]:
    chosen = rng(seed, "preview").permutation(len(records))[:count]
    return [records[index] for index in np.sort(chosen)]


def _read(image_set: ImageSet, record: Record) -> tuple[np.ndarray, np.ndarray | None] | None:
    try:
        return image_set.read_pair(record)
    except InputError:
        return None


def _caption(record: Record, image: np.ndarray, mask: np.ndarray | None) -> str:
    marked = "" if mask is None else f"\n{100 * masks_of(mask).mean():.3g} % in the mask"
    return f"{_short(record.name)}\n{_size(image)}{marked}"


def _size(image: np.ndarray) -> str:
    bits = ", 16 bit" if image.dtype == np.uint16 else ""
    return f"{image.shape[1]}×{image.shape[0]}{bits}"


def _short(name: str) -> str:
    stem = PurePosixPath(name).stem
    return stem if len(stem) <= SHORT else f"{stem[: SHORT - 1]}…"
