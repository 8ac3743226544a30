"""Which images a study shows: as many real as synthetic ones, of the same classes."""

import numpy as np

from tfmedgan.errors import require
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.seeding import rng

Pair = tuple[ImagePool, ImagePool]  # real, synthetic


def select(reals: ImagePool, fakes: ImagePool, images: int, seed: int, classes: int = 0) -> Pair:
    """Real and synthetic images, half of `images` each, with as many of each class in both.

    Args:
        reals, fakes: of one size; labels, where both have them, index the same classes.
        classes: their number, if each is to be shown equally often; 0 draws the classes at random.

    Raises:
        InputError: for too few images, images of two sizes, or a synthetic image that is real.
    """
    require(images >= 2 and images % 2 == 0, f"--images {images}: give an even number")
    require(
        reals.shape and reals.shape == fakes.shape,
        f"{fakes.name}: images of {fakes.shape or 'several sizes'}, the real ones are of "
        f"{reals.shape or 'several sizes'}; their size must not tell them apart",
    )
    reals, fakes = reals.without_repeats(), fakes.without_repeats()
    same = len({*reals.hashes} & {*fakes.hashes})
    require(
        not same,
        f"{fakes.name}: {same} of these images equal real ones pixel by pixel; leave copies out",
    )
    counts = _counts(reals, fakes, images // 2, seed, classes)
    return _draw(reals, counts, seed, "real"), _draw(fakes, counts, seed, "synthetic")


def _counts(reals: ImagePool, fakes: ImagePool, half: int, seed: int, classes: int) -> np.ndarray:
    """How many real and how many synthetic images of each class are shown."""
    number = 1 + max(int(_labels(pool).max()) for pool in (reals, fakes))
    held = [np.bincount(_labels(pool), minlength=max(number, classes)) for pool in (reals, fakes)]
    there = np.minimum(*held)
    if classes:
        most = int(there.min())
        require(
            half % classes == 0,
            f"--images {2 * half}: of {classes} classes, real and synthetic, each is shown equally "
            f"often; give a multiple of {2 * classes}",
        )
        require(
            half <= most * classes,
            f"--images {2 * half}: one class has only {most} real and synthetic images each; "
            f"at most {2 * classes * most}",
        )
        return np.full(classes, half // classes)
    require(
        half <= there.sum(),
        f"--images {2 * half}: there are {len(reals)} real and {len(fakes)} synthetic images, "
        f"{there.sum()} of each with the same classes; at most {2 * there.sum()}",
    )
    slots = np.repeat(np.arange(len(there)), there)
    return np.bincount(rng(seed, "readers/classes").permutation(slots)[:half], minlength=len(there))


def _draw(pool: ImagePool, counts: np.ndarray, seed: int, part: str) -> ImagePool:
    order = rng(seed, f"readers/{part}").permutation(len(pool))
    labels = _labels(pool)[order]
    return pool.take(
        np.concatenate([order[labels == label][:count] for label, count in enumerate(counts)])
    )


def _labels(pool: ImagePool) -> np.ndarray:
    return np.zeros(len(pool), np.int32) if pool.labels is None else pool.labels
