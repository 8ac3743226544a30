"""What a study's reports call things, alike in Markdown, HTML and the terminal."""

from tfmedgan.classifiers.score_list import DERIVED, SCORES
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.run_directory import LOSSES, OUTPUTS

CLASSIFICATION = {name: score.title for name, score in (SCORES | DERIVED).items()}


def metric_title(metric: str) -> str:
    """The title of a figure of any kind of table."""
    return (LOSSES | OUTPUTS | CLASSIFICATION).get(metric) or title_of(metric)
