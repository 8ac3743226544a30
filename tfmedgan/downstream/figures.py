"""The picture of a study: what each arm gains or loses."""

import io

from tfmedgan.classifiers.scores import LESS_IS_BETTER
from tfmedgan.downstream.comparison import ArmResult

COLOURS = {"better": "#228833", "worse": "#cc3311", "no difference shown": "#555555"}


def differences_figure(results: list[ArmResult], primary_metric: str) -> bytes:
    """PNG: each arm's difference from real images alone in the leading score."""
    from matplotlib.figure import Figure

    compared = [result for result in results if result.decisive]
    figure = Figure(figsize=(7, 1.1 + 0.45 * len(compared)), layout="constrained")
    axis = figure.subplots()
    for place, result in enumerate(reversed(compared)):
        narrow, wide = result.differences[primary_metric], result.decisive
        colour = COLOURS[result.verdict]
        axis.plot([wide.low, wide.high], [place, place], color=colour, linewidth=1)
        axis.plot([narrow.low, narrow.high], [place, place], color=colour, linewidth=4)
        axis.plot(narrow.value, place, "o", color=colour, markeredgecolor="white")
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(range(len(compared)), [result.arm for result in reversed(compared)])
    axis.set_ylim(-0.6, len(compared) - 0.4)
    direction = "less is better" if primary_metric in LESS_IS_BETTER else "more is better"
    axis.set_xlabel(
        f"{primary_metric.upper()} less that of real images alone ({direction});\n"
        "thick: 95 %, thin: 95 % for all arms together"
    )
    axis.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=110)
    return buffer.getvalue()
