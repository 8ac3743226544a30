"""The picture of a study: what each arm gains or loses."""

from collections.abc import Mapping

from tfmedgan.classifiers.score_list import SCORES, Score
from tfmedgan.downstream.comparison import BETTER, UNDECIDED, WORSE, ArmResult
from tfmedgan.reporting.charts import GREEN, GREY, ORANGE, encoded, panels

COLOURS = {BETTER: GREEN, WORSE: ORANGE, UNDECIDED: GREY}


def differences_figure(
    results: list[ArmResult], primary_metric: str, scores: Mapping[str, Score] = SCORES
) -> bytes:
    """PNG: each arm's difference from real images alone in the score that decides."""
    compared = [(result, result.decisive) for result in reversed(results) if result.decisive]
    figure, (axis,) = panels(1, (7, 1.1 + 0.45 * len(compared)))
    for place, (result, wide) in enumerate(compared):
        narrow = result.differences[primary_metric]
        colour = COLOURS[result.verdict]
        axis.plot([wide.low, wide.high], [place, place], color=colour, linewidth=1)
        axis.plot([narrow.low, narrow.high], [place, place], color=colour, linewidth=4)
        axis.plot(narrow.value, place, "o", color=colour, markeredgecolor="white")
    axis.axvline(0, color="black", linewidth=0.8)
    axis.set_yticks(range(len(compared)), [result.arm for result, _ in compared])
    axis.set_ylim(-0.6, len(compared) - 0.4)
    score = scores[primary_metric]
    axis.set_xlabel(
        f"{score.title} less that of real images alone ({score.better} is better);\n"
        "thick: 95 %, thin: 95 % for all arms together"
    )
    return encoded(figure)
