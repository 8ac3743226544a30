"""Pictures of a classifier's test: reliability diagram and confusion matrix, as PNG bytes."""

import numpy as np

from tfmedgan.classifiers.calibration import expected_calibration_error, reliability
from tfmedgan.reporting.charts import BLUE, GREY, encoded, panels

PANEL = (4.2, 3.8)  # inches


def reliability_figure(labels, before: np.ndarray, after: np.ndarray) -> bytes:
    """Accuracy over confidence, without and with the temperature.

    Args:
        labels: (n,).
        before, after: probabilities (n, classes).
    """
    figure, axes = panels(2, PANEL, sharey=True)
    named = (("without temperature", before), ("with temperature", after))
    for axis, (title, probabilities) in zip(axes, named, strict=True):
        _draw_reliability(axis, labels, probabilities)
        ece = expected_calibration_error(labels, probabilities)
        axis.set_title(f"{title}: ECE {ece:.3f}", fontsize=10)
    axes[0].set_ylabel("share that is right")
    return encoded(figure)


def _draw_reliability(axis, labels, probabilities) -> None:
    filled = [b for b in reliability(labels, probabilities) if b.count]
    width = filled[0].high - filled[0].low
    axis.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--")
    axis.bar([b.low for b in filled], [b.accuracy for b in filled], width, align="edge",
             color=BLUE, edgecolor="white")  # fmt: skip
    for b in filled:
        axis.annotate(str(b.count), ((b.low + b.high) / 2, b.accuracy), ha="center", fontsize=7,
                      xytext=(0, 2), textcoords="offset points")  # fmt: skip
    axis.set(xlim=(0, 1), ylim=(0, 1.1), xlabel="confidence (numbers: images)")


def confusion_figure(table: np.ndarray, classes: tuple[str, ...]) -> bytes:
    """Counts, shaded by their share of the true class."""
    figure, (axis,) = panels(1, PANEL)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axis.grid(False)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        dark = shares[row, column] > 0.5
        axis.text(column, row, count, ha="center", va="center", color="white" if dark else "black")
    places = range(len(classes))
    axis.set_xticks(places, classes, rotation=30, ha="right")
    axis.set_yticks(places, classes)
    axis.set(xlabel="predicted", ylabel="true")
    return encoded(figure)
