"""What each real image adds to an estimate that is a mean over real images, and their intervals.

recall            whether the image lies among the generated ones
coverage          whether a generated image lies nearer to it than its 5th nearest real one
kid_contribution  its part of the KID, which is their mean: about 0 where generated images lie
                  as near to it, on average, as the real ones do
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tfmedgan.evaluation.audit.auc import variance_of_mean
from tfmedgan.evaluation.intervals import LEVEL, Figure
from tfmedgan.evaluation.metrics import Sample
from tfmedgan.evaluation.metrics.density_coverage import scores as density_and_coverage
from tfmedgan.evaluation.metrics.kid import mean_kernel
from tfmedgan.evaluation.metrics.precision_recall import inside

HALVES = 20  # random halves of the generated images, for the intervals
INTERVAL = "Student's t, real images by patient, and delete-half jackknife of generated ones, 95 %"


@dataclass(frozen=True)
class ImageScores:
    """Each real image's part of an estimate, and the same for random halves of the fakes."""

    whole: np.ndarray  # (N,)
    halves: np.ndarray  # (HALVES, N)

    @classmethod
    def of(cls, estimate: str, real: Sample, fake: Sample, generator) -> "ImageScores":
        function = IMAGE_SCORES[estimate]
        halves = [function(real, fake.features[half_of(fake.size, generator)],
                           half_of(real.size, generator)) for _ in range(HALVES)]  # fmt: skip
        whole = function(real, fake.features, np.arange(real.size))
        return cls(whole, np.stack(halves))

    def mean(self, mask: np.ndarray, patients: np.ndarray) -> Figure:
        """The mean over some of the images."""
        variance = variance_of_mean(self.whole[mask], patients[mask])
        return self._figure(
            self.whole[mask].mean(), variance, self.halves[:, mask].mean(axis=1), LEVEL
        )

    def difference(
        self, lower: np.ndarray, higher: np.ndarray, patients: np.ndarray, level: float
    ) -> Figure:
        """The mean over some images less that over others."""
        value, variance = 0.0, 0.0
        for mask, sign in ((lower, 1), (higher, -1)):
            value += sign * self.whole[mask].mean()
            variance += variance_of_mean(self.whole[mask], patients[mask])
        halves = self.halves[:, lower].mean(axis=1) - self.halves[:, higher].mean(axis=1)
        return self._figure(value, variance, halves, level)

    @staticmethod
    def _figure(value: float, variance: float, halves: np.ndarray, level: float) -> Figure:
        of_halves = halves.var(ddof=1)
        total = max(variance + of_halves, np.finfo(float).tiny)
        # Satterthwaite: of the two variances only that of the halves is known from few values
        freedom = (HALVES - 1) * (total / max(of_halves, total / 1000)) ** 2
        half = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(total))
        return Figure(float(value), float(value) - half, float(value) + half)


def half_of(count: int, generator: np.random.Generator) -> np.ndarray:
    return generator.permutation(count)[: count // 2]


def _recall(real: Sample, fakes: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return inside(real.features, Sample(features=fakes)).astype(float)


def _coverage(real: Sample, fakes: np.ndarray, reference: np.ndarray) -> np.ndarray:
    return density_and_coverage(real, Sample(features=fakes))[1].astype(float)


def _kid_contribution(real: Sample, fakes: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """k̄(fakes, fakes) − k̄(reals, reals) − 2 k̄(x, fakes) + 2 k̄(x, other reals), for each x."""
    others = real.features[reference]
    among = mean_kernel(fakes, fakes, np.arange(len(fakes))).mean()
    among_reals = mean_kernel(others, others, np.arange(len(others))).mean()
    own = np.full(real.size, -1)
    own[reference] = np.arange(len(reference))
    near = mean_kernel(real.features, fakes) - mean_kernel(real.features, others, own)
    return among - among_reals - 2 * near


IMAGE_SCORES: dict[str, Callable[[Sample, np.ndarray, np.ndarray], np.ndarray]] = {
    "recall": _recall,
    "coverage": _coverage,
    "kid_contribution": _kid_contribution,
}
