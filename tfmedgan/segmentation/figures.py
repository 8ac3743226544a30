"""Pictures of what a U-Net predicts: outlines on the images."""

import numpy as np

from tfmedgan.data.masks import masks_of, without_mask
from tfmedgan.reporting.charts import encoded, panels

EACH = 3  # images of a kind
PANEL = (2.5, 7.6)  # inches
REAL, PREDICTED = "#00e6ff", "#ffd60a"  # outlines: colours that tissue does not have


def cases_figure(images: np.ndarray, predicted: np.ndarray, dice: np.ndarray) -> bytes:
    """PNG: the images with the best, the middle and the worst Dice, a column each.

    Args:
        images: uint8 (n, H, W, 2 or 4), with their masks.
        predicted: bool (n, H, W).
        dice: (n,).
    """
    figure, axes = panels(3, PANEL)
    chosen = cases(dice)
    for axis, (kind, indices) in zip(axes, chosen.items(), strict=True):
        values = ", ".join(f"{dice[index]:.2f}" for index in indices)
        axis.set_title(f"{kind}\nDice {values}", fontsize=10)
        _draw(axis, images[indices], predicted[indices])
    lines = [axes[0].plot([], [], color=colour)[0] for colour in (REAL, PREDICTED)]
    names = ("real mask", "predicted mask")
    legend = figure.legend(lines, names, loc="outside lower center", ncols=2)
    legend.get_frame().set(facecolor="#444444")
    for text in legend.get_texts():
        text.set_color("white")
    return encoded(figure)


def cases(dice: np.ndarray) -> dict[str, np.ndarray]:
    """Positions of a few images of each kind, each image once where there are enough."""
    order = np.argsort(-dice, kind="stable")
    middle = max(0, (len(order) - EACH) // 2)
    return {
        "best": order[:EACH],
        "median": order[middle : middle + EACH],
        "worst": order[-EACH:],
    }


def _draw(axis, images: np.ndarray, predicted: np.ndarray) -> None:
    """Images one below the other, a thin predicted outline upon a thick real one."""
    shown = without_mask(images)
    count, height, width, _ = shown.shape
    gap = max(1, height // 32)
    column = np.full((count, height + gap, width, 3), 255, np.uint8)
    column[:, :height] = shown
    axis.imshow(column.reshape(-1, width, 3), interpolation="nearest")
    for masks, colour, thick in ((masks_of(images), REAL, 2.4), (predicted, PREDICTED, 1.1)):
        for place, mask in enumerate(masks):
            if mask.any() and not mask.all():
                rows = np.arange(height) + place * (height + gap)
                lines = {"colors": colour, "linewidths": thick}
                axis.contour(np.arange(width), rows, mask, [0.5], **lines)
    axis.set_axis_off()
