"""Federated averaging (McMahan et al. 2017, Algorithm 1): plain arrays, whatever carries them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Update:
    """What a site sends back after its local steps."""

    site: str
    images: int  # training images there, its weight
    arrays: list[np.ndarray]
    metrics: dict[str, float] = field(default_factory=dict)  # means over its local steps


@dataclass(frozen=True)
class Round:
    """What came back in a round."""

    updates: list[Update]
    left_out: dict[str, str]  # site → why it takes no part
    bytes_to_sites: int = 0
    bytes_from_sites: int = 0


def weighted_mean(updates: Sequence[Update]) -> list[np.ndarray]:
    """Σ nₖ wₖ / Σ nₖ of each array, nₖ images at site k.

    Added up in double precision in the order of the sites' names, so that the result does not
    depend on who answers first.
    """
    ordered = sorted(updates, key=lambda update: update.site)
    total = sum(update.images for update in ordered)
    shares = [update.images / total for update in ordered]
    columns = zip(*(update.arrays for update in ordered), strict=True)
    return [
        sum(s * a.astype(np.float64) for s, a in zip(shares, column, strict=True)).astype(
            column[0].dtype
        )
        for column in columns
    ]


def mean_metrics(updates: Sequence[Update]) -> dict[str, float]:
    """The sites' metrics, weighted as their arrays are."""
    ordered = sorted(updates, key=lambda update: update.site)
    total = sum(update.images for update in ordered)
    return {
        name: sum(u.images / total * u.metrics[name] for u in ordered)
        for name in ordered[0].metrics
    }


def checked(updates: Sequence[Update], like: Sequence[np.ndarray]) -> Round:
    """The updates that can be averaged, and why the others cannot.

    Args:
        like: the arrays that were sent to the sites.
    """
    reasons = {update.site: _fault(update, like) for update in updates}
    good = [update for update in updates if not reasons[update.site]]
    return Round(good, {site: reason for site, reason in reasons.items() if reason})


def _fault(update: Update, like: Sequence[np.ndarray]) -> str:
    if update.images < 1:
        return "has no training images"
    if [a.shape for a in update.arrays] != [a.shape for a in like]:
        return "sent weights of another network"
    if not all(np.isfinite(array).all() for array in update.arrays):
        return "sent weights that are not finite"
    return ""
