"""The training image that lies nearest to each generated one, to look at; see `memorisation`."""

import numpy as np

from tfmedgan.evaluation.features import Progress, extract, labelled, open_extractor
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.neighbours import nearest
from tfmedgan.evaluation.nn_distances import pixels

PIXELS = "pixels"  # the space that needs no extractor


def nearest_training(
    fake: ImagePool, training: ImagePool, space: str = PIXELS, progress: Progress | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Nearest training images.

    Args:
        fake, training: images of one size.
        space: `pixels`, reduced to 32×32 at most; or what `open_extractor` takes.

    Returns:
        Distances, float64 (M,), and positions in `training`, int64 (M,). A distance in pixels is
        a root mean square of grey levels.

    Raises:
        InputError: as `open_extractor`.
    """
    if space == PIXELS:
        of_fake, of_training = (pixels(pool) for pool in (fake, training))
    else:
        extractor = open_extractor(space, labelled(training, space))
        features = (extract(extractor, p, progress=progress).values for p in (training, fake))
        of_training, of_fake = extractor.comparable(*features)
    distances, positions = nearest(of_fake, of_training)
    return distances[:, 0], positions[:, 0]
