"""One style for all charts, and files that are the same each time they are drawn."""

import io
from typing import Any

import numpy as np

BLUE, ORANGE, GREEN, GREY = "#1f5fa8", "#c2410c", "#4d7c0f", "#555555"
DPI = 110


def panels(count: int, size: tuple[float, float], **options: Any) -> tuple[Any, np.ndarray]:
    """A figure with `count` axes side by side, each of `size` inches: (figure, array of axes).

    Args:
        options: of `Figure.subplots`, as sharey.
    """
    from matplotlib.figure import Figure

    width, height = size
    figure = Figure(figsize=(width * count, height), layout="constrained", dpi=DPI)
    axes = np.ravel(figure.subplots(1, count, **options))
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25)
        axis.set_axisbelow(True)
    return figure, axes


def encoded(figure: Any, form: str = "png") -> bytes:
    """The figure as PNG or SVG: the same bytes whenever it is drawn."""
    from matplotlib import rc_context

    buffer = io.BytesIO()
    metadata = {"Date": None} if form == "svg" else None
    with rc_context({"svg.hashsalt": "tfmedgan"}):
        figure.savefig(buffer, format=form, metadata=metadata)
    return buffer.getvalue()
