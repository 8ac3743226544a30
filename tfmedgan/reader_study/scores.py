"""The figures of a study, each as a row: per reader, and over the readers."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy import stats

from tfmedgan.evaluation.intervals import clopper_pearson
from tfmedgan.reader_study.agreement import fleiss_kappa, kappa_interval, tally
from tfmedgan.reader_study.answers import Responses
from tfmedgan.reader_study.crossed import pooled

ALL = "all"
EXACT = "Clopper-Pearson, images alone"
CROSSED = "two-way model, readers and images random"
IMAGES = "the same readers, images random"
THESE = "_these_readers"  # added to the name of a figure that is of these readers alone
RESAMPLED = "bootstrap over images"
TITLES = {
    "accuracy": "Accuracy",
    "accuracy_these_readers": "Accuracy of these readers",
    "sensitivity": "Sensitivity: real called real",
    "specificity": "Specificity: synthetic called synthetic",
    "auc": "AUC, weighted by confidence",
    "accuracy_real": "Accuracy on real images",
    "accuracy_synthetic": "Accuracy on synthetic images",
    "difference": "Real less synthetic",
    "difference_these_readers": "Real less synthetic, of these readers",
    "kappa": "Agreement of the readers, Fleiss' κ",
    "seconds": "Seconds per image, median",
}


@dataclass(frozen=True)
class ReaderRow:
    """One figure; `low` and `high` bound its 95 % interval."""

    metric: str
    reader: str  # a number, or "all"
    value: float
    low: float | None
    high: float | None
    p_value: float | None  # of a value like `chance`, two-sided
    chance: float | None  # the value of readers who cannot tell
    images: int  # judged by each reader
    interval: str  # how low and high were made
    protocol: dict

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the interval; infinite where there is none, so that nothing lies beyond."""
        return (
            -math.inf if self.low is None else self.low,
            math.inf if self.high is None else self.high,
        )

    def to_dict(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class _Share:
    """A share of right answers: which images count."""

    metric: str
    chosen: np.ndarray  # bool (N,)


def score(responses: Responses) -> list[ReaderRow]:
    """All rows: those over the readers first, if there are two or more, then those of each."""
    if len(responses.readers) < 2:
        return _of_readers(responses)
    return [*_over_readers(responses), *_of_readers(responses)]


def ratings(responses: Responses) -> np.ndarray:
    """How sure a reader was that the image is real, (R, N): -5 for surely not, 5 for surely."""
    return np.where(responses.answers == 0, 1, -1) * responses.confidence


def placements(rates: np.ndarray, real: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each real image the share of synthetic ones rated lower, and the other way round.

    Both (R, number of such images), ties counted half; a reader's mean of either is the AUC, and
    their variances are those of DeLong et al. 1988.
    """
    above, below = rates[:, real, None], rates[:, None, ~real]
    won = (above > below) + 0.5 * (above == below)
    return won.mean(2), won.mean(1)


def _shares(responses: Responses) -> list[_Share]:
    real = responses.real
    names = (
        ("sensitivity", "specificity")
        if responses.study.ask == "real"
        else ("accuracy_real", "accuracy_synthetic")
    )
    return [_Share("accuracy", real | True), *map(_Share, names, (real, ~real))]


def _over_readers(responses: Responses) -> list[ReaderRow]:
    study, real, correct = responses.study, responses.real, responses.correct
    count, rows = len(real), []

    def add(
        metric: str, images: int, each: np.ndarray, strata: Sequence[np.ndarray],
        chance: float = study.chance, bounds: tuple[float, float] = (0.0, 1.0),
    ) -> None:  # fmt: skip
        for name, how, others in ((metric, CROSSED, True), (metric + THESE, IMAGES, False)):
            if name in TITLES:
                made = pooled(each, strata, chance, bounds, others)
                row = _row(responses, name, ALL, images, made.value, (made.low, made.high), how)
                rows.append(_tested(row, made.p_value, chance))

    for share in _shares(responses):
        each, size = correct[:, share.chosen].mean(1), int(share.chosen.sum())
        kinds = [k for k in (real & share.chosen, ~real & share.chosen) if k.any()]
        strata = [correct[:, kind] * kind.sum() / size for kind in kinds]
        add(share.metric, size, each, strata)
    if study.ask == "real":
        placed = placements(ratings(responses), real)
        add("auc", count, placed[0].mean(1), placed, 0.5)
    else:
        strata = [correct[:, real], -correct[:, ~real]]
        each = strata[0].mean(1) + strata[1].mean(1)
        add("difference", count, each, strata, 0.0, (-1.0, 1.0))
    tallies = tally(responses.answers, len(study.choices))
    ends = kappa_interval(tallies, study.seed)
    rows.append(_row(responses, "kappa", ALL, count, fleiss_kappa(tallies), ends, RESAMPLED))
    rows.append(_seconds(responses, ALL, responses.seconds))
    return rows


def _of_readers(responses: Responses) -> list[ReaderRow]:
    rows = []
    for index, reader in enumerate(map(str, responses.readers)):
        for share in _shares(responses):
            answers = responses.correct[index, share.chosen]
            right, size = int(answers.sum()), len(answers)
            ends = clopper_pearson(right, size)
            row = _row(responses, share.metric, reader, size, right / size, ends, EXACT)
            test = stats.binomtest(right, size, responses.study.chance)
            rows.append(_tested(row, float(test.pvalue), responses.study.chance))
        if responses.study.ask == "real":
            rates = ratings(responses)[index : index + 1]
            auc = float(placements(rates, responses.real)[0].mean())
            rows.append(_row(responses, "auc", reader, len(responses.real), auc))
        rows.append(_seconds(responses, reader, responses.seconds[index]))
    return rows


def _seconds(responses: Responses, reader: str, seconds: np.ndarray) -> ReaderRow:
    return _row(responses, "seconds", reader, len(responses.real), float(np.median(seconds)))


def _row(
    responses: Responses, metric: str, reader: str, images: int, value: float,
    ends: tuple[float | None, float | None] = (None, None), interval: str = "",
) -> ReaderRow:  # fmt: skip
    study = responses.study
    protocol = {
        "study": study.digest,
        "ask": study.ask,
        "choices": list(study.choices),
        "n_real": int(responses.real.sum()),
        "n_synthetic": int((~responses.real).sum()),
        "readers": list(responses.readers),
    }
    return ReaderRow(metric, reader, value, *ends, None, None, images, interval, protocol)


def _tested(row: ReaderRow, p_value: float | None, chance: float) -> ReaderRow:
    return replace(row, p_value=p_value, chance=chance)
