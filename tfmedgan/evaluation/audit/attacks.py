"""Attacks on membership: a score for each image, the larger the likelier it was trained on.

They see generated images and real ones that nobody trained on (the reference), as features. All
scores are logarithms or monotone in what the papers define, so that the AUC is the papers'.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

from tfmedgan.evaluation.neighbours import distance_tiles, nearest

COMPONENTS = 20  # for densities; with fewer, copies of 64-pixel X-rays drown in the kernels
PER_COMPONENT = 3  # images of each set that a component needs

Scores = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Attack:
    """(images (K, d), fakes (M, d), reference (R, d)) → scores, float64 (K,)."""

    title: str
    source: str
    scores: Scores


def monte_carlo(images: np.ndarray, fakes: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Share of the fakes within ε; ε is the median distance of the images to their nearest fake."""
    within = np.zeros(len(images), np.int64)
    radius = np.median(nearest(images, fakes)[0])
    for part, _, squares in distance_tiles(images, fakes):
        within[part] += (np.sqrt(squares) <= radius).sum(axis=1)
    return within / len(fakes)


def gan_leaks(images: np.ndarray, fakes: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """log exp(−d) for the distance d to the nearest fake."""
    return -nearest(images, fakes)[0][:, 0]


def calibrated_gan_leaks(
    images: np.ndarray, fakes: np.ndarray, reference: np.ndarray
) -> np.ndarray:
    """log exp(−d + r) for the distances d to the nearest fake and r to the nearest reference."""
    return nearest(images, reference)[0][:, 0] - nearest(images, fakes)[0][:, 0]


def domias(images: np.ndarray, fakes: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """log p_G / p_R, densities by SciPy's Gaussian kernels on principal components.

    Raises:
        numpy.linalg.LinAlgError: for fakes or reference that do not vary in all components.
    """
    axes, centre = principal_axes(fakes, reference)
    if not axes.size:
        raise np.linalg.LinAlgError("all images are alike")
    images, fakes, reference = ((x - centre) @ axes for x in (images, fakes, reference))
    generated, real = (stats.gaussian_kde(points.T) for points in (fakes, reference))
    return generated.logpdf(images.T) - real.logpdf(images.T)


def principal_axes(fakes: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axes (d, components) along which both sets together vary most, and their mean, (d,)."""
    both = np.concatenate([fakes, reference]).astype(np.float64)
    centre = both.mean(axis=0)
    both -= centre
    rows, width = both.shape
    count = min(COMPONENTS, width, min(len(fakes), len(reference)) // PER_COMPONENT)
    products = both @ both.T if rows < width else both.T @ both  # of whichever there are fewer
    last = len(products) - 1
    values, axes = linalg.eigh(products, subset_by_index=(last - count + 1, last))
    varies = values > values[-1] * np.finfo(float).eps * max(rows, width)
    values, axes = values[varies], axes[:, varies]
    return (both.T @ axes / np.sqrt(values) if rows < width else axes), centre


ATTACKS = {
    "monte_carlo": Attack("Monte Carlo", "Hilprecht et al. 2019", monte_carlo),
    "gan_leaks": Attack("GAN-Leaks", "Chen et al. 2020", gan_leaks),
    "gan_leaks_calibrated": Attack(
        "calibrated GAN-Leaks", "Chen et al. 2020", calibrated_gan_leaks
    ),
    "domias": Attack("DOMIAS", "van Breugel et al. 2023", domias),
}
