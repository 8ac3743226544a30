"""A network is not measured on images that it was trained on, nor on copies of them."""

from collections.abc import Callable

import numpy as np

from tfmedgan.data.duplicates import GRID, THRESHOLD, bits, fingerprint
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.near_duplicates import nearest_bits
from tfmedgan.supervised.run import SupervisedRun

NAMED = 3  # pairs that an error names


def refuse_trained_on(
    run: SupervisedRun, images: ImageArrays, source: str, own: Callable[[], PreparedData]
) -> tuple[str, ...]:
    """Compare with the run's training images; where these are gone, return a note that says so.

    Images are compared as the network gets them: pixel by pixel, and by fingerprint from 64
    pixels a side on, below which that sees too little.

    Args:
        source: name of the images, for errors.
        own: prepares the run's own images.

    Raises:
        InputError: names images that are training images, or look like them.
    """
    try:
        data = own()
        require(data.digest == run.data["digest"], f"{data.source}: has changed since the run")
    except InputError as error:
        return (f"not looked at whether training images are among them: {error}",)
    training = data.parts["train"]
    channels = run.experiment.network.image_shape[-1]  # masks are not compared
    seen, known = images.images[..., :channels], training.images[..., :channels]
    partners = _equal(seen, known)
    if seen.shape[1] >= GRID:
        partners = _alike(seen, known) | partners
    named = [f"{images.names[i]} ({training.names[j]})" for i, j in sorted(partners.items())]
    require(
        not partners,
        f"leak: {len(partners)} of the {len(images)} images of {source} are, or look like, "
        f"training images of {run.path}: {', '.join(named[:NAMED])}"
        f"{' …' if len(named) > NAMED else ''}; leave them out",
    )
    return ()


def _equal(seen: np.ndarray, known: np.ndarray) -> dict[int, int]:
    """Which image has the pixels of which training image."""
    place = {image.tobytes(): index for index, image in enumerate(known)}
    keys = ((index, image.tobytes()) for index, image in enumerate(seen))
    return {index: place[key] for index, key in keys if key in place}


def _alike(seen: np.ndarray, known: np.ndarray) -> dict[int, int]:
    """Which image has, in some form, nearly the fingerprint of which training image."""
    prints = [np.stack([fingerprint(image) for image in pictures]) for pictures in (seen, known)]
    differing, partner = nearest_bits(prints[0], bits(prints[1]))
    near = np.flatnonzero(differing <= THRESHOLD)
    return {int(index): int(partner[index]) for index in near}
