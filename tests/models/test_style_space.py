"""Truncation, mixtures and projections of styles."""

import numpy as np
import pytest

from tfmedgan import models
from tfmedgan.architectures.stylegan2 import StyleGAN2Config
from tfmedgan.models import projection, sampling, style_space
from tfmedgan.models.stylegan2_networks import num_styles

TINY = StyleGAN2Config(
    image_shape=(32, 32, 1), latent_dim=8, mapping_layers=2, channel_base=128, channel_max=8
)


@pytest.fixture(scope="module")
def generator():
    return models.create(TINY, seed=1, n_classes=2).generator


@pytest.fixture(scope="module", autouse=True)
def few():
    """As many latent vectors and steps as a test has time for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style_space, "VECTORS", 200)
        patch.setattr(projection, "STEPS", 60)
        yield


Z = np.random.default_rng(0).normal(size=(4, 8)).astype("float32")
LABELS = np.array([0, 1, 0, 1])


def test_truncation_draws_styles_to_the_average_of_their_class(generator):
    space = style_space.StyleSpace.of(generator)
    means, _ = space.averages()
    whole, none = (
        np.asarray(style_space.truncated(generator, psi)([Z, LABELS])) for psi in (1.0, 0.0)
    )
    np.testing.assert_allclose(whole, generator([Z, LABELS]), atol=1e-5)
    np.testing.assert_allclose(none[:2], none[2:], atol=1e-5)
    layers = np.repeat(means[:, np.newaxis], num_styles(32), axis=1)
    average = np.clip(space.synthesised(layers), -1, 1)
    np.testing.assert_allclose(none[:2], average, atol=1e-5)
    assert np.abs(none[0] - none[1]).max() > 1e-3


def test_a_strip_leads_from_one_image_to_the_other(generator):
    space = style_space.StyleSpace.of(generator)
    styles = space.styles(Z, LABELS)
    strip = space.mixed(styles[0], styles[1])
    assert strip.shape == (1 + 4, 32, 32, 1)  # 32, 16, 8 and 4 px
    ends = sampling.to_bytes(generator([Z[:2], LABELS[:2]])).numpy()
    np.testing.assert_array_equal(strip[[0, -1]], ends)
    assert (strip[1:] != strip[:-1]).any(axis=(1, 2, 3)).all()


def test_an_image_of_the_generator_is_found_again(generator):
    """Nearer than the average image and than another one, and always the same."""
    targets = sampling.to_bytes(generator([Z, LABELS])).numpy()
    found, again = (projection.project(generator, targets[0], 0) for _ in range(2))
    np.testing.assert_array_equal(found.image, again.image)
    space = style_space.StyleSpace.of(generator)
    means, _ = space.averages()
    average = space.images(np.repeat(means[:1, np.newaxis], num_styles(32), axis=1))[0]
    assert found.rmse < 0.8 * projection.nearness(average, targets[0])[0]
    assert found.rmse < projection.nearness(targets[2], targets[0])[0]
    assert found.image.shape == (32, 32, 1) and 0 <= found.cosine_distance < 1


def test_nearness_is_that_of_its_definition():
    a, b = np.array([0, 0, 4, 4], np.uint8), np.array([10, 10, 14, 14], np.uint8)
    assert projection.nearness(a, b) == pytest.approx((10.0, 0.0))
    assert projection.nearness(a, 4 - a) == pytest.approx((4.0, 2.0))


def test_images_that_are_looked_for_together_are_found_as_each_alone(generator):
    targets = sampling.to_bytes(generator([Z, LABELS])).numpy()
    together = projection.project_all(generator, targets[:2], LABELS[:2])
    alone = [projection.project(generator, targets[i], int(LABELS[i])) for i in range(2)]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.style, other.style, atol=2e-3)
        assert one.cosine_distance == pytest.approx(other.cosine_distance, abs=1e-3)
