"""Pictures of a report, as bytes: grids in PNG, charts in SVG."""

import io
import math

import numpy as np

from tfmedgan.evaluation.images import ImagePool

TILE = 64  # least side of an image in a grid, pixels
GAP = 3
COLUMNS, ROWS = 6, 4
CHART = (5.2, 3.0)  # inches: text stays readable on a phone
REAL, FAKE, OTHER = "#1f5fa8", "#c2410c", "#4d7c0f"


def grid(rows: list[list[np.ndarray]]) -> bytes:
    """PNG of images, uint8 (height, width, 1 or 3) of one size, in rows."""
    from PIL import Image

    height, width = rows[0][0].shape[:2]
    factor = max(1, math.ceil(TILE / max(height, width)))
    step = (height * factor + GAP, width * factor + GAP)
    canvas = np.full(
        (len(rows) * step[0] - GAP, max(map(len, rows)) * step[1] - GAP, 3), 255, np.uint8
    )
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            tile = image.repeat(factor, 0).repeat(factor, 1)  # no smoothing: pixels as they are
            top, left = i * step[0], j * step[1]
            canvas[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def overview(pool: ImagePool, class_names: tuple[str, ...]) -> bytes:
    """A grid of some of the images; one row per class where there are classes."""
    if class_names and pool.labels is not None:
        chosen = [
            np.flatnonzero(pool.labels == label)[:COLUMNS] for label in range(len(class_names))
        ]
        chosen = [row for row in chosen if len(row)]
    else:
        chosen = np.array_split(np.arange(len(pool))[: COLUMNS * ROWS], ROWS)
    return grid([[pool.read(int(i)) for i in row] for row in chosen if len(row)])


def closest_pairs(assessment) -> bytes:
    """Generated images above, their training images below, the closest pair first."""
    fake = assessment.inputs.fake.in_order_of_content()
    training = assessment.inputs.training.in_order_of_content()
    pairs = assessment.copies.pairs
    rows = []
    for part in (pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]):
        rows.append([fake.read(i) for i, _ in part])
        rows.append([training.read(j) for _, j in part])
    return grid(rows)


def curves(history: list[dict], columns: dict[str, str], label: str) -> bytes:
    """SVG of columns of metrics.csv over epochs; `columns` maps their names to legends."""
    figure, axes = _chart()
    epochs = [row["epoch"] for row in history]
    marker = "o" if len(epochs) < 3 else None
    for (name, legend), colour in zip(columns.items(), (REAL, FAKE, OTHER, "#555"), strict=False):
        values = [row[name] for row in history]
        axes.plot(epochs, values, color=colour, label=legend, linewidth=1.6, marker=marker)
    axes.set_xlabel("epoch")
    axes.set_ylabel(label)
    axes.legend(frameon=False)
    axes.xaxis.get_major_locator().set_params(integer=True)
    return _svg(figure)


def distances(space) -> bytes:
    """SVG: how far generated and held-out images are from their nearest training image."""
    figure, axes = _chart()
    edges = np.histogram_bin_edges(np.concatenate([space.fake, space.held_out]), 40)
    for values, colour, name in (
        (space.held_out, REAL, "real, not trained on"),
        (space.fake, FAKE, "generated"),
    ):
        weights = np.full(len(values), 100 / len(values))
        axes.hist(
            values, edges, weights=weights, color=colour, alpha=0.35, histtype="stepfilled",
            edgecolor=colour, label=name, linewidth=1.4,
        )  # fmt: skip
    axes.set_xlabel(f"distance to the nearest training image, {space.name}")
    axes.set_ylabel("% of images")
    axes.legend(frameon=False)
    return _svg(figure)


def _chart():
    from matplotlib.figure import Figure

    figure = Figure(figsize=CHART, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure, axes


def _svg(figure) -> bytes:
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "tfmedgan", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
