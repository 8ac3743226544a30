"""Pictures of a table: charts of reported and measured figures, and a sheet of samples."""

import numpy as np

from tfmedgan.downstream.figures import dice_against_kid
from tfmedgan.reporting.charts import BLUE, ORANGE, encoded, panels
from tfmedgan.reporting.grids import grid
from tfmedgan.reproduction.formatting import metric_title
from tfmedgan.reproduction.sample_strips import images_of, read_strip, real_strip, strips_of
from tfmedgan.reproduction.segmentation import points
from tfmedgan.reproduction.study import Study
from tfmedgan.reproduction.summary import Summary
from tfmedgan.synthetic_png import encode_png, encode_real_png

REPORTED, MEASURED = ORANGE, BLUE
PANEL = (3.1, 2.6)  # inches
LETTERS = 30  # of all labels, that fit side by side below a panel
LARGEST = 290_000  # bytes of a sheet of samples; noise compresses badly, so there are fewer columns


def chart(summary: Summary, form: str) -> bytes:
    """SVG or PNG of a table, whichever kind it is of."""
    draw = {"rows": _rows, "curve": _curve, "dice_against_kid": _dice_against_kid}[summary.plot]
    return encoded(draw(summary), form)


def _rows(summary: Summary):
    """A panel of what the document reports, for each metric that it has, and one of each mean."""
    table = summary.table
    candidates = table.compared or table.metrics[:2]
    measured = [m for m in candidates if any(line.cells[m].mean for line in summary.lines)]
    shown = [m for m in table.metrics if any(line.cells[m].reported for line in summary.lines)]
    shown = [m for m in shown if m in measured] or shown[:2]
    figure, axes = _panels(len(shown) + len(measured))
    places = range(len(summary.lines))
    for axis, metric in zip(axes, shown, strict=False):
        values = [_reported(line.cells[metric]) for line in summary.lines]
        axis.plot(places, values, "D", color=REPORTED, markersize=6)
        axis.set_title(f"{metric_title(metric)}, document", fontsize=9)
    for axis, metric in zip(axes[len(shown) :], measured, strict=True):
        _means(axis, summary, metric, places)
        axis.set_title(f"{metric_title(metric)}, here", fontsize=9)
    labels = [line.label for line in summary.lines]
    slant = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
    for axis in axes:
        wide = sum(map(len, labels)) > LETTERS
        axis.set_xticks(list(places), labels, fontsize=8, **(slant if wide else {}))
        axis.set_xlim(-0.5, len(summary.lines) - 0.5)
    return figure


def _means(axis, summary: Summary, metric: str, places) -> None:
    """Every seed as a dot, the mean with its interval over seeds."""
    for place, line in zip(places, summary.lines, strict=True):
        cell = line.cells[metric]
        if not cell.mean:
            continue
        values = list(cell.values.values())
        axis.plot([place] * len(values), values, ".", color=MEASURED, alpha=0.45)
        value, low, high = cell.mean.value, cell.mean.low, cell.mean.high
        reach = None if low is None or high is None else [[value - low], [high - value]]
        axis.errorbar(place, value, reach, fmt="o", color=MEASURED, capsize=3)


def _curve(summary: Summary):
    """A panel a metric: the document's figures and the measured means, row after row."""
    figure, axes = _panels(len(summary.table.metrics))
    places = np.arange(len(summary.lines))
    for axis, metric in zip(axes, summary.table.metrics, strict=True):
        cells = [line.cells[metric] for line in summary.lines]
        reported = np.array([_reported(cell) for cell in cells])
        if not np.isnan(reported).all():
            axis.plot(places, reported, "D--", color=REPORTED, label="document", markersize=4)
        means = np.array([cell.mean.value if cell.mean else np.nan for cell in cells])
        axis.plot(places, means, "o-", color=MEASURED, label="here, mean", markersize=4)
        for seed in sorted({seed for cell in cells for seed in cell.values}):
            values = [cell.values.get(seed, np.nan) for cell in cells]
            axis.plot(places, values, color=MEASURED, alpha=0.3, linewidth=0.8)
        axis.set_title(metric_title(metric), fontsize=9)
        axis.set_xticks(places, [line.label.removeprefix("epoch ") for line in summary.lines])
    axes[0].legend(frameon=False, fontsize=8)
    return figure


def _dice_against_kid(summary: Summary):
    """What segmentation gains against how good images look; the rows until both are known."""
    shown, real = points(summary)
    return dice_against_kid(shown, real) if shown else _rows(summary)


def samples(study: Study, summary: Summary, real: bool = True) -> bytes | None:
    """PNG of each row's samples, seed 0; None where no images were kept.

    Args:
        real: whether real images stand above them, which have to be there.
    """
    strips = strips_of(study, summary)
    if not strips:
        return None
    if real:
        strips = {"real": read_strip(real_strip(study, strips)), **strips}
    rows = [images_of(strip) for strip in strips.values()]
    names = tuple(name.replace("×", "x") for name in strips)  # Pillow's own font lacks it
    for columns in range(max(map(len, rows)), 2, -1):
        picture = grid([images[:columns] for images in rows], names)
        content = (
            encode_real_png(picture, Synthetic="all rows but the one named real")
            if real
            else encode_png(picture)
        )
        if len(content) <= LARGEST:
            break
    return content


def _reported(cell) -> float:
    return cell.reported.value if cell.reported else np.nan


def _panels(count: int):
    figure, axes = panels(max(1, count), PANEL)
    for axis in axes:
        axis.tick_params(labelsize=8)
    return figure, axes
