"""Fréchet inception distance (Heusel et al. 2017), its floor, and FID∞ (Chong & Forsyth 2020)."""

import numpy as np
from scipy import linalg, stats

from tfmedgan.evaluation.intervals import delete_d_interval
from tfmedgan.evaluation.metrics import METRICS, Estimate, Metric, Sample

HALVES = 10  # random half splits, for the interval and for the floor
SIZES = 15  # subset sizes of the extrapolation, as in Chong & Forsyth
BLOCK_ROWS = 2048  # feature vectors in float64 at a time


def fid(real: np.ndarray, fake: np.ndarray) -> float:
    """Squared Fréchet distance of Gaussians fitted to two sets of features, (N, d) and (M, d).

    |m1 - m2|² + tr(S1) + tr(S2) - 2 tr((S1 S2)^½), with covariances over N - 1, in float64.
    With S = AᵀA the last trace is the nuclear norm of A1 A2ᵀ, which needs neither a root of
    a non-symmetric matrix nor full rank: the result is real when N is smaller than d.
    """
    mean1, root1 = _moments(real)
    mean2, root2 = _moments(fake)
    return _distance(mean1, root1, mean2, root2)


def frechet_distance(
    mean1: np.ndarray, covariance1: np.ndarray, mean2: np.ndarray, covariance2: np.ndarray
) -> float:
    """The same distance from means, (d,), and covariances, (d, d)."""
    return _distance(mean1, _root(covariance1), mean2, _root(covariance2))


def fid_infinity(
    real: np.ndarray, fake: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """FID extrapolated to infinitely many images, and the standard error of the fit.

    The bias of FID is linear in 1/N to first order; a line through the FID of 15 sizes is
    read at 1/N = 0. Both sets are thinned by the same factor, since both are small here
    (the paper thins the fakes and keeps 50,000 reals).
    """
    shares = np.linspace(_smallest_share(len(real), len(fake)), 1, SIZES)
    values = [
        _quick(real, fake, _thinned(len(real), s, rng), _thinned(len(fake), s, rng)) for s in shares
    ]
    line = stats.linregress(1 / shares, values)
    return float(line.intercept), float(line.intercept_stderr)


def halves(
    real: np.ndarray, fake: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """FID of half the fakes against half the reals, and of the two halves of the reals.

    All three sets have the same size, so that the bias is the same; both results have
    shape (HALVES,).
    """
    size = min(len(real), len(fake)) // 2
    scores = np.empty((HALVES, 2))
    for row in scores:
        chosen = rng.permutation(len(real))
        first = chosen[:size]
        row[0] = _quick(real, fake, first, rng.permutation(len(fake))[:size])
        row[1] = _quick(real, real, first, chosen[size : 2 * size])
    return scores[:, 0], scores[:, 1]


def _quick(real: np.ndarray, fake: np.ndarray, real_rows=None, fake_rows=None) -> float:
    """The distance of the chosen rows of each set, or of all."""
    moments = *_moments(real, real_rows), *_moments(fake, fake_rows)
    return _distance(*moments, _quick_nuclear_norm)


def _distance(mean1, root1, mean2, root2, norm=None) -> float:
    shift = float(np.sum((mean1 - mean2) ** 2))
    spread = float(np.sum(root1**2) + np.sum(root2**2))
    return max(0.0, shift + spread - 2 * float((norm or _nuclear_norm)(root1 @ root2.T)))


def _nuclear_norm(matrix: np.ndarray) -> float:
    return linalg.svdvals(matrix, overwrite_a=True, check_finite=False).sum()


def _quick_nuclear_norm(matrix: np.ndarray) -> float:
    """Three times faster; singular values below 1e-8 of the largest are lost in rounding.

    Good enough for the subsets behind intervals and extrapolation, of which there are 35.
    """
    squares = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    values = linalg.eigvalsh(squares, overwrite_a=True, check_finite=False, driver="evd")
    return np.sqrt(np.maximum(values, 0)).sum()


def _moments(features: np.ndarray, rows=None) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the chosen rows, and A with AᵀA their covariance.

    A is the centred features where these are few, else a square root of the covariance. The
    rows are looked up a block at a time: neither they nor their float64 copy exist at once.
    """
    rows = np.arange(len(features)) if rows is None else rows
    count, width = len(rows), features.shape[1]
    blocks = [rows[start : start + BLOCK_ROWS] for start in range(0, count, BLOCK_ROWS)]
    mean = sum(features[block].sum(axis=0, dtype=np.float64) for block in blocks) / count
    if count <= width:
        return mean, (features[rows] - mean) / np.sqrt(count - 1)
    covariance = np.zeros((width, width))
    for block in blocks:
        centred = features[block] - mean
        covariance += centred.T @ centred
    return mean, _root(covariance / (count - 1))


def _root(covariance: np.ndarray) -> np.ndarray:
    try:
        return linalg.cholesky(covariance, lower=False)
    except linalg.LinAlgError:
        values, vectors = linalg.eigh(covariance)
        return np.sqrt(np.maximum(values, 0))[:, None] * vectors.T


def _thinned(count: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """A random share of the rows 0 to count - 1."""
    return rng.permutation(count)[: max(2, round(share * count))]


def _smallest_share(*counts: int) -> float:
    return max(0.1, min(0.5, 50 / min(counts)))  # a line through less than 50 images is noise


def _measure(real: Sample, fake: Sample, rng: np.random.Generator) -> list[Estimate]:
    value = fid(real.features, fake.features)
    mixed, floor = halves(real.features, fake.features, rng)
    limit, error = fid_infinity(real.features, fake.features, rng)
    width = stats.norm.ppf(0.975) * error
    ratio = mixed.mean() / max(floor.mean(), np.finfo(float).tiny)
    ratios = mixed / np.maximum(floor, np.finfo(float).tiny)
    spread = stats.t.ppf(0.975, HALVES - 1) * floor.std(ddof=1)
    subsets = f"delete-half jackknife, {HALVES} random halves"
    note = _small_sample_note(min(real.size, fake.size), real.features.shape[1])
    size = f"both sets at {min(real.size, fake.size) // 2} images"
    return [
        Estimate("fid", value, *delete_d_interval(value, mixed, 0.5), subsets, note),
        Estimate("fid_infinity", limit, limit - width, limit + width, "fit of 15 sizes", note),
        Estimate("fid_floor", floor.mean(), floor.mean() - spread, floor.mean() + spread,
                 "where 95 % of random halves lie", size),
        Estimate("fid_over_floor", ratio, *delete_d_interval(ratio, ratios, 0.5), subsets, size),
    ]  # fmt: skip


def _small_sample_note(count: int, width: int) -> str:
    if count > width:
        return ""
    return f"{count} images on {width} features: the covariance is singular and FID biased upwards"


METRICS.add(
    "fid",
    Metric(
        gives=("fid", "fid_infinity", "fid_floor", "fid_over_floor"),
        needs="features",
        measure=_measure,
        minimum=10,
        rank=1,
        bounds={
            "fid": (0.0, np.inf),
            "fid_infinity": (-np.inf, np.inf),  # an extrapolation may end below 0
            "fid_floor": (0.0, np.inf),
            "fid_over_floor": (0.0, np.inf),
        },
        better={
            "fid": "lower",
            "fid_infinity": "lower",
            "fid_floor": "none",
            "fid_over_floor": "lower",
        },
        titles={
            "fid": "FID",
            "fid_infinity": "FID∞",
            "fid_floor": "FID floor, real against real",
            "fid_over_floor": "FID over floor",
        },
    ),
)
