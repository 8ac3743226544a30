"""The nearest training image, found where it was planted."""

import numpy as np
import pytest

from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.nearest_training import nearest_training

PLANTED = [41, 7, 7, 0]


@pytest.mark.parametrize("by_features", [False, True])
def test_a_planted_copy_is_the_nearest(images, network, by_features):
    noise = np.random.default_rng(0).integers(-3, 4, (4, 24, 24, 1))
    copies = np.clip(images[PLANTED] + noise, 0, 255).astype(np.uint8)
    copies[-1] = images[0]
    fake, training = array_pool(copies, "generated"), array_pool(images, "training")
    space = str(network) if by_features else "pixels"
    distances, positions = nearest_training(fake, training, space)
    assert positions.tolist() == PLANTED
    assert distances[-1] < 1e-5 < distances[:3].min()


def test_a_distance_in_pixels_is_a_root_mean_square(images):
    brighter = np.clip(images[:1], 0, 200).astype(np.uint8)
    training = array_pool(np.concatenate([brighter + 10, 255 - brighter]), "training")
    distances, positions = nearest_training(array_pool(brighter, "generated"), training)
    assert positions.tolist() == [0] and distances[0] == pytest.approx(10, rel=1e-5)
