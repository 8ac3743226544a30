"""Area under the ROC curve with DeLong's interval, also of a difference, and for patients.

The variance is that of DeLong et al. 1988, summed over patients where images are theirs
(Obuchowski 1997); the quantile is Student's t for the smaller number of patients.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tfmedgan.evaluation.intervals import LEVEL, Figure


@dataclass(frozen=True)
class Placements:
    """What each image adds to an AUC; the difference of two is one of the AUCs' difference."""

    members: np.ndarray  # (m,), share of non-members below each member, ties by half
    others: np.ndarray  # (n,), share of members above each non-member

    @classmethod
    def of(cls, members: np.ndarray, others: np.ndarray) -> "Placements":
        """From the scores of members, (m,), and of non-members, (n,)."""
        return cls(_below(members, others), 1 - _below(others, members))

    def __sub__(self, baseline: "Placements") -> "Placements":
        return Placements(self.members - baseline.members, self.others - baseline.others)

    @property
    def area(self) -> float:
        return float(self.members.mean())

    def figure(
        self,
        patients: np.ndarray,
        other_patients: np.ndarray,
        level: float = LEVEL,
        further: float = 0.0,
    ) -> Figure:
        """The area, or the difference of areas, with its interval.

        Args:
            patients, other_patients: int, (m,) and (n,): whose image each is.
            further: variance from what else was drawn.
        """
        parts = (self.members, patients), (self.others, other_patients)
        variance = sum(variance_of_mean(values, whose) for values, whose in parts)
        freedom = min(len(np.unique(whose)) for _, whose in parts) - 1
        half = float(stats.t.ppf((1 + level) / 2, freedom) * np.sqrt(variance + further))
        return Figure(self.area, self.area - half, self.area + half)


def variance_of_mean(values: np.ndarray, whose: np.ndarray) -> float:
    """Variance of the mean of values, (n,), of which those of one patient may be alike."""
    _, place = np.unique(whose, return_inverse=True)
    sums = np.bincount(place, values - values.mean())
    return float((sums**2).sum() * len(sums) / max(len(sums) - 1, 1) / len(values) ** 2)


def roc(members: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of non-members and of members at or above each threshold, from (0, 0) to (1, 1)."""
    thresholds = np.unique(np.concatenate([members, others]))[::-1]
    shares = [
        1 - np.searchsorted(np.sort(scores), thresholds, "left") / len(scores)
        for scores in (others, members)
    ]
    return np.append(0.0, shares[0]), np.append(0.0, shares[1])


def _below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Share of `others` below each value, ties by half."""
    ordered = np.sort(others)
    less, not_above = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return (less + not_above) / (2 * len(others))
