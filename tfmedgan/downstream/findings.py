"""What the reports of a study say."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tfmedgan.classifiers.score_list import Score
from tfmedgan.downstream.comparison import ArmResult
from tfmedgan.errors import require
from tfmedgan.evaluation.intervals import Figure
from tfmedgan.files import read_json
from tfmedgan.reporting.formatting import interval, number

DIGITS = 3
ENOUGH_SEEDS = 5


class ArmFindings:
    """Everything that the reports say, read from a study's folder."""

    question: ClassVar[str]  # the title of a study without a name
    learner: ClassVar[str]  # what is trained in each arm
    scores: ClassVar[Mapping[str, Score]]
    groups: Any = None
    results: list[ArmResult]

    def __init__(self, place: Any):
        self.place, self.study, self.test = place, place.study, place.test
        self.machine = read_json(place.path / "environment.json")
        left = place.left(self.study)
        require(not left, f"{place.path}: {len(left)} trainings are still to be done")
        self.outcomes = self.of_each(place.outcome)

    def of_each(self, read: Callable[[str, int], Any]) -> dict[str, list]:
        """By arm, what is read of each seed."""
        seeds = range(self.study.seeds)
        return {arm: [read(arm, seed) for seed in seeds] for arm in self.study.arms}

    @property
    def title(self) -> str:
        return self.study.name or self.question

    @property
    def phantom(self) -> bool:
        """Whether the images called real are drawn."""
        return self.study.data.source.startswith("phantom")

    @property
    def pictures(self) -> dict[str, bytes]:
        """PNG by name, besides that of the differences."""
        return {}

    @property
    def sentences(self) -> list[str]:
        """What the study found, an arm a sentence."""
        primary, seeds, said = self.study.primary_metric, self.study.seeds, []
        if seeds == 1:
            said.append("One seed: how much trainings differ is in no interval; take five or more.")
        elif seeds < ENOUGH_SEEDS:
            said.append(f"Only {seeds} seeds: take {ENOUGH_SEEDS} or more before you believe it.")
        for result in self.results:
            if result.decisive is None:
                continue
            apart = result.differences[primary]
            said.append(
                f"{result.arm}: {result.verdict} ({self.scores[primary].title} "
                f"{number(apart.value, DIGITS, '+')}, 95 % {_span(apart)}; for all arms together "
                f"{_span(result.decisive)})"
            )
        return said

    def tested_on(self) -> str:
        """The line of the protocol on the test images."""
        return (
            f"test: {len(self.test['names'])} real images, SHA-256 {self.test['sha256'][:16]}, "
            f"split {self.test['split'][:16]}; no patient and no near-duplicate is on both sides"
        )

    def trained_on(self, more: Callable[[Any], str] = lambda outcome: "") -> str:
        """How many training images each arm has with the first seed, and `more` of its outcome."""
        first = [outcomes[0] for outcomes in self.outcomes.values()]
        return ", ".join(
            f"{o.arm}: {o.n_train}" + (f" ({o.synthetic} synthetic)" if o.synthetic else "")
            + more(o)
            for o in first
        )  # fmt: skip

    def resampled(self, images: str) -> str:
        """The line of the protocol on seeds and intervals, with what is resampled besides seeds."""
        return (
            f"seeds: {self.study.seeds}; intervals 95 %, {self.study.replicates} resamples of "
            f"{images} and of seeds, paired; verdicts hold for all arms together (Bonferroni)"
        )


def _span(figure: Figure) -> str:
    return interval(figure.low, figure.high, DIGITS, "+")
