"""One metric a file; each file registers itself, and all of them are found by being here."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from tfmedgan.errors import InputError
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.intervals import bootstrap_means
from tfmedgan.evaluation.neighbours import nearest_squares
from tfmedgan.evaluation.own_names import own_title
from tfmedgan.evaluation.titles import TITLES
from tfmedgan.registry import Registry
from tfmedgan.reporting.formatting import readable

METRICS = Registry("metric")
MOST_NEIGHBOURS = 5  # the largest k of the metrics of neighbourhoods


@dataclass(frozen=True)
class Estimate:
    """One number of a metric, with its 95 % interval where one can be given."""

    metric: str
    value: float
    low: float | None
    high: float | None
    interval: str  # how the interval was made
    note: str = ""


def mean_estimate(
    metric: str, scores: np.ndarray, rng: np.random.Generator, interval: str, note: str = ""
) -> Estimate:
    """The mean of scores, one for each image or pair, with its bootstrap interval."""
    low, high = bootstrap_means([scores], rng)
    return Estimate(metric, float(scores.mean()), low, high, interval, note)


ABSENT: Any = None  # in a sample what no chosen metric `needs`


@dataclass
class Sample:
    """What a metric may look at: one set of images, real or fake."""

    features: np.ndarray = ABSENT  # float, (N, d)
    probabilities: np.ndarray | None = None  # float, (N, classes), rows sum to 1
    images: ImagePool = ABSENT
    _radii: dict[int, np.ndarray] = field(default_factory=dict, repr=False)

    @cached_property
    def size(self) -> int:
        parts = (self.features, self.images)
        return next(len(part) for part in parts if part is not None)

    def radii(self, k: int) -> np.ndarray:
        """Squared distance of each feature vector to its k-th nearest neighbour, float64, (N,)."""
        if k not in self._radii:  # those of all metrics at once: the distances cost most of it
            squares = nearest_squares(self.features, max(k, MOST_NEIGHBOURS))
            self._radii = dict(enumerate(squares.T, start=1))
        return self._radii[k]


@dataclass(frozen=True)
class Metric:
    """How a metric is made from a real and a fake sample."""

    gives: tuple[str, ...]  # names of its estimates
    needs: str  # features | probabilities | images | pairs
    measure: Callable[[Sample, Sample, np.random.Generator], list[Estimate]]
    minimum: int  # images needed in each set
    rank: int  # place in tables; KID leads, the best for few images
    bounds: tuple | dict  # (least, largest) possible value, or that of each estimate by name
    better: str | dict = "lower"  # lower | higher | closer (to that of real images) | none
    default: str = "always"  # always | for pairs | for colours | never
    caveat: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)  # of its estimates

    def better_of(self, estimate: str) -> str:
        """The direction of one of its estimates."""
        return self.better if isinstance(self.better, str) else self.better.get(estimate, "none")


def select(names: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """Metrics to compute and which of their estimates to keep; no names: the default ones.

    A name is that of a metric (`precision_recall`) or of one estimate (`recall`).

    Raises:
        InputError: for a name that is neither.
    """
    if not names:
        ranked = sorted(METRICS.items(), key=lambda item: item[1].rank)
        return {name: metric.gives for name, metric in ranked if metric.default == "always"}
    chosen: dict[str, tuple[str, ...]] = {}
    for name in names:
        metric, kept = _find(name)
        chosen[metric] = tuple(dict.fromkeys(chosen.get(metric, ()) + kept))
    return chosen


def bounds_of(estimate: str) -> tuple[float, float]:
    """The possible values of the estimate with this name."""
    bounds = METRICS[_find(estimate)[0]].bounds
    return bounds[estimate] if isinstance(bounds, dict) else bounds


def directions() -> dict[str, str]:
    """For every estimate whether lower | higher | closer values are better, or none."""
    return {name: metric.better_of(name) for metric in METRICS.values() for name in metric.gives}


def title_of(estimate: str, extractor: str = "") -> str:
    """What reports call an estimate, also one whose metric is not registered any more."""
    titles = (metric.titles for metric in METRICS.values() if estimate in metric.gives)
    own: dict[str, str] = next(titles, {})
    own_name = own.get(estimate) or TITLES.get(estimate) or readable(estimate)
    return own_title(own_name, extractor)


def shortage(metric: Metric, counts: dict[str, int]) -> str:
    """Which images are too few and how many are needed; empty if there are enough."""
    for which, count in counts.items():
        if count < metric.minimum:
            return f"{count} {which} images are too few; at least {metric.minimum} are needed"
    return ""


def _find(name: str) -> tuple[str, tuple[str, ...]]:
    if name in METRICS:
        return name, METRICS[name].gives
    for key, metric in METRICS.items():
        if name in metric.gives:
            return key, (name,)
    estimates = sorted({g for m in METRICS.values() for g in m.gives} | set(METRICS))
    raise InputError(f"unknown metric {name!r}; valid: {', '.join(estimates)}")


for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
