"""Pictures of a report, as bytes: grids in PNG, charts in SVG."""

import numpy as np

from tfmedgan.evaluation.images import ImagePool
from tfmedgan.reporting.charts import BLUE, GREEN, GREY, ORANGE, encoded, panels
from tfmedgan.reporting.grids import grid
from tfmedgan.synthetic_png import encode_png, encode_real_png

COLUMNS, ROWS = 6, 4
CHART = (5.2, 3.0)  # inches: text stays readable on a phone


def overview(pool: ImagePool, class_names: tuple[str, ...], synthetic: bool) -> bytes:
    """A grid of some of the images; one row per class where there are classes."""
    if class_names and pool.labels is not None:
        chosen = [np.flatnonzero(pool.labels == i)[:COLUMNS] for i in range(len(class_names))]
    else:
        spread = np.linspace(0, len(pool) - 1, min(len(pool), COLUMNS * ROWS))  # over all classes
        chosen = np.array_split(spread.round(), ROWS)
    picture = grid([[pool.picture(int(i)) for i in row] for row in chosen if len(row)])
    return encode_png(picture) if synthetic else encode_real_png(picture)


def closest_pairs(assessment) -> bytes:
    """Generated images above, their training images below, the closest pair first."""
    fake = assessment.inputs.fake.in_order_of_content()
    training = assessment.inputs.training.in_order_of_content()
    pairs = assessment.copies.pairs
    rows = []
    for part in (pairs[: len(pairs) // 2], pairs[len(pairs) // 2 :]):
        rows.append([fake.picture(i) for i, _ in part])
        rows.append([training.picture(j) for _, j in part])
    return encode_real_png(grid(rows), Synthetic="the first and the third row")


def curves(history: list[dict], columns: dict[str, str], label: str) -> bytes:
    """SVG of columns of metrics.csv over epochs; `columns` maps their names to legends."""
    figure, (axis,) = panels(1, CHART)
    epochs = [row["epoch"] for row in history]
    marker = "o" if len(epochs) < 3 else None
    for (name, legend), colour in zip(columns.items(), (BLUE, ORANGE, GREEN, GREY), strict=False):
        values = [row[name] for row in history]
        axis.plot(epochs, values, color=colour, label=legend, linewidth=1.6, marker=marker)
    axis.set(xlabel="epoch", ylabel=label)
    axis.legend(frameon=False)
    axis.xaxis.get_major_locator().set_params(integer=True)
    return encoded(figure, "svg")


def distances(space) -> bytes:
    """SVG: how far generated and held-out images are from their nearest training image."""
    figure, (axis,) = panels(1, CHART)
    edges = np.histogram_bin_edges(np.concatenate([space.fake, space.held_out]), 40)
    for values, colour, name in (
        (space.held_out, BLUE, "real, not trained on"),
        (space.fake, ORANGE, "generated"),
    ):
        weights = np.full(len(values), 100 / len(values))
        axis.hist(
            values, edges, weights=weights, color=colour, alpha=0.35, histtype="stepfilled",
            edgecolor=colour, label=name, linewidth=1.4,
        )  # fmt: skip
    axis.set_xlabel(f"distance to the nearest training image, {space.name}")
    axis.set_ylabel("% of images")
    axis.legend(frameon=False)
    return encoded(figure, "svg")


def roc_curves(audit) -> bytes:
    """SVG: the attacks' ROC curves, a panel a space; thin: their controls."""
    spaces = list(dict.fromkeys(result.space for result in audit.results))
    figure, axes = panels(len(spaces), (3.6, 3.6), sharey=True)
    styles = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), ("black", ":"))
    for axis, space in zip(axes, spaces, strict=True):
        results = [result for result in audit.results if result.space == space]
        for result, (colour, dashes) in zip(results, styles, strict=False):
            name = f"{result.title}, {result.auc.value:.2f}"
            axis.plot(*result.curve, dashes, color=colour, label=name, linewidth=1.8)
            axis.plot(*result.control_curve, color=colour, linewidth=0.5)
        axis.set(xlabel="held-out images taken for training images", title=results[0].seen_in)
        axis.legend(frameon=False, fontsize="small", title="AUC; thin: control")
    axes[0].set_ylabel("training images recognised")
    return encoded(figure, "svg")
