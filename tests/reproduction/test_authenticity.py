"""Distances to projections: where a generator knows its training images by heart, and where not."""

import numpy as np
import pytest

from tfmedgan.evaluation.images import array_pool
from tfmedgan.models import projection
from tfmedgan.reproduction import authenticity


@pytest.fixture
def nearest(monkeypatch):
    """Function: images that a generator draws → it is asked for the nearest of these alone."""

    def knows(images):
        def project_all(generator, targets):
            rows = [
                min(projection.nearness(image, target) for image in images) for target in targets
            ]
            return [projection.Projection(images[0], images[0], *row) for row in rows]

        monkeypatch.setattr(projection, "project_all", project_all)

    return knows


def pool(images):
    return array_pool(images, "images", tuple(f"{i}.png" for i in range(len(images))), None)


def test_copies_of_training_images_are_seen_in_the_difference(nearest):
    images = np.random.default_rng(0).integers(0, 256, (60, 16, 16, 1), np.uint8)
    training, held_out = pool(images[:30]), pool(images[30:])
    nearest(images[:30])
    near, far = (authenticity.distances(None, each) for each in (training, held_out))
    assert near.shape == far.shape == (30,) and near.max() < 1e-12
    value, low, high = authenticity.figure("projection_gap", near, far, 0)
    assert 0 < low < value < high
    assert authenticity.figure("projection_training", near, far, 0)[0] == near.mean()
    assert authenticity.figure("projection_held_out", near, far, 0)[0] == far.mean()


def test_nothing_is_seen_where_both_kinds_are_equally_near(nearest):
    images = np.random.default_rng(1).integers(0, 256, (90, 16, 16, 1), np.uint8)
    nearest(images[60:])
    near, far = (authenticity.distances(None, pool(images[i : i + 30])) for i in (0, 30))
    _, low, high = authenticity.figure("projection_gap", near, far, 0)
    assert low < 0 < high
