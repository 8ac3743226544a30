"""What a reader of rows has to bear in mind when no training made the features."""

from collections.abc import Iterable

from tfmedgan.evaluation.rows import Row

UNTRAINED = ("multiscale", "random")
FLATTERED = ("fid_over_floor", "recall", "coverage")  # of blurred images; see docs/metrics.md


def caution(rows: Iterable[Row]) -> str:
    """One sentence where an untrained network gave rows that flatter; empty otherwise."""
    named = [r for r in rows if r.estimate in FLATTERED and r.protocol.extractor in UNTRAINED]
    if not named:
        return ""
    return (
        f"{named[0].protocol.extractor} is an untrained network: FID over floor, recall and "
        "coverage look good for blurred images, too. KID tells; so do the features of a trained "
        "network (--features FILE)."
    )
