"""Does the generator hand out its training images? A check for copies, never a proof of privacy.

Each generated image is compared with its nearest training image, and so is each held-out
real image. Were the generator as innocent as fresh reals, both would lie equally near.

In features and in pixels two distances are looked at: to the nearest training image, and
that distance divided by the mean distance to the next ones (as Carlini et al. 2023 do). A
blurred or average image lies near to every training image, a copy near to one: only where
both are too small is it called copying. A perceptual hash finds mirrored and turned copies.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tfmedgan.errors import require
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.intervals import clopper_pearson
from tfmedgan.evaluation.near_duplicates import near_duplicates
from tfmedgan.evaluation.nn_distances import DistanceSpace, distances, pixels

FALSE_ALARM = 0.05  # probability of a false alarm, over all three tests together
TESTS = 3
PERCENTILE = 1.0  # of the held-out distances
MINIMUM = 20  # images in each set
PAIRS = 10
ALONE = f"no copies found, but fewer than {MINIMUM} images were held out to compare with"


@dataclass(frozen=True)
class CopyCheck:
    """The verdict (what copy_check.json holds), the distances, and the closest pairs."""

    verdict: dict
    spaces: tuple[DistanceSpace, ...]
    pairs: tuple[tuple[int, int], ...]  # (generated, training), positions, closest first

    @property
    def passed(self) -> bool | None:
        """None where no copies were found, and too few images are held out to compare with."""
        return self.verdict["passed"]


def check_copies(
    fake: ImagePool,
    training: ImagePool,
    held_out: ImagePool | None,
    features: dict[str, np.ndarray] | None = None,
    extractor: str = "",
) -> CopyCheck:
    """Compare generated and held-out images with the training images.

    Args:
        fake, training, held_out: images of one size. Without held-out images (None, or fewer
            than 20) each training image is compared with the others instead.
        features: arrays (N, d) under "fake", "training" and "held_out".
        extractor: name of their extractor.

    Raises:
        InputError: for fewer than 20 generated or training images.
    """
    for name, pool in (("generated", fake), ("training", training)):
        require(
            len(pool) >= MINIMUM,
            f"check for copies: {len(pool)} {name} images; at least {MINIMUM} are needed",
        )
    require(
        fake.shape == training.shape and len(fake.shape) == 3,
        f"check for copies: generated images are {fake.shape or 'of several sizes'}, training "
        f"images {training.shape or 'of several sizes'}; bring them to one size",
    )
    if held_out is not None and len(held_out) < MINIMUM:
        held_out = None
    pools = {"fake": fake, "training": training, "held_out": held_out}
    vectors = {"pixels": {k: pixels(pool) for k, pool in pools.items() if pool is not None}}
    if features is not None:
        vectors = {f"features ({extractor})": features, **vectors}
    spaces = tuple(distances(name, held_out is None, **v) for name, v in vectors.items())
    hashes = near_duplicates(pools)
    tests = [_distance_summary(space) for space in spaces]
    verdict = _verdict(tests, hashes, pools)
    return CopyCheck(verdict, spaces, _closest(spaces, hashes["pairs"]))


def tail_test(fake: np.ndarray, held_out: np.ndarray) -> dict:
    """Are more fakes than chance allows below the 1st percentile of held-out distances?

    The threshold is the r-th smallest of H held-out values, r = ceil(H / 100). If both sets
    are draws from one distribution, the number of fakes below it is beta-binomial with
    parameters (M, r, H + 1 - r): exact, whatever that distribution is.
    """
    rank = int(np.ceil(PERCENTILE / 100 * len(held_out)))
    threshold = float(np.sort(held_out)[rank - 1])
    below = int((fake < threshold).sum())
    null = stats.betabinom(len(fake), rank, len(held_out) + 1 - rank)
    detectable = int(null.isf(FALSE_ALARM / TESTS)) + 1
    low, high = clopper_pearson(below, len(fake))
    return {
        "threshold": threshold,
        "nearer": below,
        "share": below / len(fake),
        "low": low,
        "high": high,
        "p_value": float(null.sf(below - 1)),
        "detectable_share": min(1.0, detectable / len(fake)),
    }


def _distance_summary(space: DistanceSpace) -> dict:
    """Both tests of one space; the larger p-value counts, as both must be too near."""
    distance = tail_test(space.fake, space.held_out)
    relative = tail_test(space.fake_relative, space.held_out_relative)
    count = len(space.fake)
    low, high = clopper_pearson(round(space.authentic * count), count)
    return {
        "space": space.name,
        "distance": distance,
        "relative_distance": relative,
        "p_value": max(distance["p_value"], relative["p_value"]),
        "authenticity": {"share": space.authentic, "low": low, "high": high}
        | ({} if np.isnan(space.held_out_authentic) else {"held_out": space.held_out_authentic}),
        "quantiles": {
            "percent": [1, 5, 25, 50, 75, 95, 99],
            "fake": _quantiles(space.fake),
            "held_out": _quantiles(space.held_out),
        },
    }


def _quantiles(values: np.ndarray) -> list[float]:
    return [float(q) for q in np.percentile(values, [1, 5, 25, 50, 75, 95, 99])]


def _closest(spaces: tuple[DistanceSpace, ...], near: list) -> tuple[tuple[int, int], ...]:
    """Near-duplicates first, then by the sum of the ranks of the relative distances."""
    ranks = sum(stats.rankdata(space.fake_relative) for space in spaces)
    best = min(spaces, key=lambda s: s.fake_relative.min())
    pairs = dict(near)
    for index in np.argsort(ranks, kind="stable"):
        pairs.setdefault(int(index), int(best.partner[index]))
    return tuple(pairs.items())[:PAIRS]


def _verdict(tests: list[dict], duplicates: dict, pools: dict) -> dict:
    named = {test["space"]: test["p_value"] for test in tests} | {
        "near-duplicates": duplicates["p_value"]
    }
    failed = [name for name, p in named.items() if p < FALSE_ALARM / TESTS]
    exact = duplicates["exact"]
    if exact:
        failed.append(f"{exact} exact copies")
    alone = pools["held_out"] is None  # then a pass would mean little, and none is given
    return {
        "verdict": "copies found" if failed else ALONE if alone else "no copies found",
        "passed": False if failed else None if alone else True,
        "reasons": failed,
        "level": FALSE_ALARM,
        "rule": (
            f"failed where p < {FALSE_ALARM}/{TESTS} in features, in pixels (distance and relative "
            "distance both) or for near-duplicates, or for any exact copy"
        ),
        "percentile": PERCENTILE,
        "compared_with": "other training images" if alone else "held-out real images",
        "n_fake": len(pools["fake"]),
        "n_training": len(pools["training"]),
        "n_held_out": 0 if alone else len(pools["held_out"]),
        "training_digest": pools["training"].digest,
        "spaces": tests,
        "duplicates": {key: value for key, value in duplicates.items() if key != "pairs"},
        "caveat": "a check for copies; not a proof of privacy",
    }
