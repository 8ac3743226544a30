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

from tfmedgan.data.duplicates import THRESHOLD, bits, fingerprint, forms
from tfmedgan.errors import require
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.intervals import clopper_pearson
from tfmedgan.evaluation.neighbours import nearest
from tfmedgan.evaluation.resize import resize

LEVEL = 0.05  # probability of a false alarm, over all three tests together
TESTS = 3
PERCENTILE = 1.0  # of the held-out distances
NEXT = 50  # neighbours that the nearest one is compared with
PIXELS = 32  # side to which images are reduced for distances in pixels
MINIMUM = 20  # images in each set
PAIRS = 10
QUERIES, TRAINING = 512, 8192  # hashes compared at a time


@dataclass(frozen=True)
class Space:
    """Distances to the training set in one space."""

    name: str
    fake: np.ndarray  # (M,), to the nearest training image
    held_out: np.ndarray  # (H,)
    fake_relative: np.ndarray  # (M,), divided by the mean of the next ones
    held_out_relative: np.ndarray  # (H,)
    partner: np.ndarray  # int (M,), the nearest training image of each fake
    authentic: float  # share of fakes
    held_out_authentic: float


@dataclass(frozen=True)
class CopyCheck:
    """The verdict (what copy_check.json holds), the distances, and the closest pairs."""

    verdict: dict
    spaces: tuple[Space, ...]
    pairs: tuple[tuple[int, int], ...]  # (generated, training), positions, closest first

    @property
    def passed(self) -> bool:
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
    vectors = {"pixels": {k: _pixels(pool) for k, pool in pools.items() if pool is not None}}
    if features is not None:
        vectors = {f"features ({extractor})": features, **vectors}
    spaces = tuple(_space(name, held_out is None, **v) for name, v in vectors.items())
    hashes = _duplicates(pools)
    tests = [_nearness(space) for space in spaces]
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
    detectable = int(null.isf(LEVEL / TESTS)) + 1
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


def _space(name: str, alone: bool, fake, training, held_out=None) -> Space:
    """Distances in one space; `alone`: training images stand in for held-out ones."""
    count = min(NEXT, len(training) - 2) + 1
    apart, neighbours = nearest(fake, training, count)
    others, _ = nearest(training, training, count, exclude=np.arange(len(training)))
    real, real_neighbours = (others, None) if alone else nearest(held_out, training, count)
    if alone:
        real_authentic = float("nan")  # a training image has no authenticity of its own
    else:
        real_authentic = float((real[:, 0] > others[real_neighbours[:, 0], 0]).mean())
    return Space(
        name,
        apart[:, 0],
        real[:, 0],
        _relative(apart),
        _relative(real),
        neighbours[:, 0],
        float((apart[:, 0] > others[neighbours[:, 0], 0]).mean()),
        real_authentic,
    )


def _relative(distances: np.ndarray) -> np.ndarray:
    scale = np.maximum(distances[:, 1:].mean(axis=1), np.finfo(float).tiny)
    return distances[:, 0] / scale


def _nearness(space: Space) -> dict:
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


def _duplicates(pools: dict) -> dict:
    """Exact copies by their hash, near copies, also mirrored or turned, by the perceptual one."""
    known = set(pools["training"].hashes)
    prints = {name: _fingerprints(pool) for name, pool in pools.items() if pool is not None}
    training = bits(prints["training"])
    fake_bits, partner = _nearest_bits(prints["fake"], training)
    alone = pools["held_out"] is None
    real = prints["training"] if alone else prints["held_out"]
    real_bits, _ = _nearest_bits(real, training, alone)
    near = np.flatnonzero(fake_bits <= THRESHOLD)
    counts = (len(near), int((real_bits <= THRESHOLD).sum()))
    sizes = (len(fake_bits), len(real_bits))
    table = [[counts[0], sizes[0] - counts[0]], [counts[1], sizes[1] - counts[1]]]
    return {
        "exact": sum(value in known for value in pools["fake"].hashes),
        "near": counts[0],
        "near_share": counts[0] / sizes[0],
        "held_out_near_share": counts[1] / sizes[1],
        "p_value": float(stats.fisher_exact(table, alternative="greater").pvalue),
        "pairs": [(int(i), int(partner[i])) for i in near[np.argsort(fake_bits[near])]],
    }


def _nearest_bits(prints: np.ndarray, training: np.ndarray, alone: bool = False):
    """Fewest differing bits of any form of each picture to a training image, and which one."""
    best, partner = np.full(len(prints), -np.inf), np.zeros(len(prints), np.int64)
    for start in range(0, len(prints), QUERIES):
        turned = [bits(form) for form in forms(prints[start : start + QUERIES])]
        rows = np.arange(start, start + len(turned[0]))
        for other in range(0, len(training), TRAINING):
            agreement = _agreement(turned, training[other : other + TRAINING])
            if alone:
                inside = rows[(rows >= other) & (rows < other + TRAINING)]
                agreement[inside - start, inside - other] = -np.inf
            most = agreement.max(axis=1)
            better = most > best[rows]
            best[rows[better]] = most[better]
            partner[rows[better]] = agreement.argmax(axis=1)[better] + other
    return (training.shape[1] - best) / 2, partner


def _agreement(turned: list[np.ndarray], training: np.ndarray) -> np.ndarray:
    """Bits that agree less bits that differ, of the form that agrees most, (M, N)."""
    most = turned[0] @ training.T
    for form in turned[1:]:
        np.maximum(most, form @ training.T, out=most)
    return most


def _fingerprints(pool: ImagePool) -> np.ndarray:
    return _of_each(pool, fingerprint)


def _pixels(pool: ImagePool) -> np.ndarray:
    """Images reduced to 32×32 at most, so that distances are root mean squares of grey levels."""

    def vector(image: np.ndarray) -> np.ndarray:
        size = tuple(min(side, PIXELS) for side in image.shape[:2])
        small = resize(image, size).ravel()
        return small / np.sqrt(np.float32(small.size))

    return _of_each(pool, vector)


def _of_each(pool: ImagePool, function) -> np.ndarray:
    """`function` of every image in one array, without a list of them beside it."""
    first = function(pool.read(0))
    found = np.empty((len(pool), *first.shape), first.dtype)
    for index in range(len(pool)):
        found[index] = function(pool.read(index))
    return found


def _closest(spaces: tuple[Space, ...], near: list) -> tuple[tuple[int, int], ...]:
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
    failed = [name for name, p in named.items() if p < LEVEL / TESTS]
    exact = duplicates["exact"]
    if exact:
        failed.append(f"{exact} exact copies")
    alone = pools["held_out"] is None
    return {
        "verdict": "copies found" if failed else "no copies found",
        "passed": not failed,
        "reasons": failed,
        "level": LEVEL,
        "rule": (
            f"failed where p < {LEVEL}/{TESTS} in features, in pixels (distance and relative "
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
