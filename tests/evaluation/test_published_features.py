"""Metrics under the names of publications: CMMD, FD-DINOv2, FRD."""

import numpy as np
import pytest
from scipy import linalg

from tfmedgan.errors import InputError
from tfmedgan.evaluation import evaluate
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.evaluation.metrics import title_of
from tfmedgan.evaluation.metrics.mmd import mmd
from tfmedgan.evaluation.own_names import estimate_of, row_name
from tfmedgan.evaluation.published_networks import with_protocol, with_scaling
from tfmedgan.evaluation.scaling import scaled


@pytest.fixture(scope="module")
def sets():
    generator = np.random.default_rng(0)
    real = generator.integers(0, 256, (40, 8, 8, 1), np.uint8)
    return real, generator.integers(0, 200, (30, 8, 8, 1), np.uint8)


def raw(name, **more):
    """Features that are grey levels, of an extractor that calls itself `name`."""
    take = slice(None, None, 5)
    return Extractor(
        name, "ab", (8, 8), 1, lambda x: (x.reshape(len(x), -1)[:, take], None), **more
    )


def direct(real, fake):
    """CMMD as its reference implementation sums it: whole kernel matrices of embeddings."""
    real, fake = (x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (real, fake))

    def mean(x, y):
        squares = (x**2).sum(1)[:, None] + (y**2).sum(1)[None] - 2 * x @ y.T
        return np.exp(-1 / (2 * 10**2) * squares).mean()

    return 1000 * (mean(real, real) + mean(fake, fake) - 2 * mean(real, fake))


def test_mmd_equals_its_definition_whatever_the_blocks(monkeypatch):
    generator = np.random.default_rng(1)
    real, fake = generator.normal(size=(90, 16)), generator.normal(0.3, 2, (70, 16))
    expected = direct(real, fake)
    assert expected > 0.1
    assert mmd(real, fake) == pytest.approx(expected, rel=1e-9)
    assert mmd(7 * real[::-1], fake) == pytest.approx(expected, rel=1e-9)  # lengths do not count
    assert mmd(real, real) == pytest.approx(0, abs=1e-9)
    monkeypatch.setattr("tfmedgan.evaluation.metrics.mmd.BLOCK_ROWS", 13)
    assert mmd(real, fake) == pytest.approx(expected, rel=1e-9)


def test_mmd_is_cmmd_on_clips_features_alone(sets):
    real, fake = sets
    for name, row in (("tiny", "mmd_tiny"), ("clip_vitl14_336", "cmmd")):
        (result,) = evaluate(fake, real, ("mmd",), raw(name))
        assert (result.metric, result.estimate) == (row, "mmd")
        assert result.low < result.value < result.high
    (asked,) = evaluate(fake, real, ("cmmd",), raw("clip_vitl14_336"))
    assert asked == result
    with pytest.raises(InputError, match="cmmd is mmd on features of its own; add --features FILE"):
        evaluate(fake, real, ("cmmd",), raw("tiny"))
    assert title_of("mmd", "clip_vitl14_336") == "CMMD" and title_of("mmd", "tiny") == "MMD"


def test_frechet_distance_has_the_name_of_its_features(sets):
    real, fake = sets
    rows = evaluate(fake, real, ("fid", "kid"), raw("dinov2_vitl14"))
    assert [row.metric for row in rows] == [
        "fd_dinov2", "fd_dinov2_infinity", "fd_dinov2_floor", "fd_dinov2_over_floor",
        "kid_dinov2_vitl14",
    ]  # fmt: skip
    plain = evaluate(fake, real, ("fid", "kid"), raw("tiny"))
    assert [row.value for row in rows] == [row.value for row in plain]
    assert [row.estimate for row in rows] == [row.estimate for row in plain]
    assert title_of("fid_over_floor", "dinov2_vitl14") == "FD-DINOv2 over floor"


def test_names_of_rows_can_be_undone():
    for extractor in ("random", "clip_vitl14_336", "dinov2_vitl14", "radiomics"):
        for estimate in ("fid", "fid_infinity", "mmd", "kid", "ms_ssim_fake"):
            assert estimate_of(row_name(estimate, extractor), extractor) == estimate


def test_frd_is_the_squared_distance_of_features_standardised_on_the_reference(sets):
    real, fake = sets
    extractor = raw("radiomics", standardised=True)
    constant = real.copy()
    constant[:, 0, 0] = 9  # says nothing, but would be divided by zero
    frd, *_, kid = evaluate(fake, constant, ("frd", "kid"), extractor)
    assert (frd.metric, kid.metric) == ("frd", "kid_radiomics")
    assert frd.protocol.features == 12  # of 13

    x, y = (extractor.network(s.astype(np.float64))[0][:, 1:] for s in (constant, fake))
    mean, deviation = x.mean(0), x.std(0)
    x, y = (x - mean) / deviation, (y - mean) / deviation
    covariances = [np.cov(z, rowvar=False) for z in (x, y)]
    root = linalg.sqrtm(covariances[0] @ covariances[1]).real
    shift = np.sum((x.mean(0) - y.mean(0)) ** 2)
    expected = shift + sum(map(np.trace, covariances)) - 2 * np.trace(root)
    assert frd.value == pytest.approx(expected, rel=1e-6)
    assert (
        f"log d² = {np.log(expected):.3f}, the paper log d = {np.log(expected) / 2:.3f}" in frd.note
    )


def test_values_are_scaled_as_stated():
    images = np.array([0, 127.5, 255], np.float32).reshape(3, 1, 1, 1).repeat(3, 3)
    grey = {name: scaled(images, name)[:, 0, 0, 0] for name in ("bytes", "unit", "signed")}
    np.testing.assert_allclose(grey["bytes"], [0, 127.5, 255])
    np.testing.assert_allclose(grey["unit"], [0, 0.5, 1])
    np.testing.assert_allclose(grey["signed"], [-1, 0, 1])
    # the published means and deviations, as torchvision's and OpenAI's code have them
    np.testing.assert_allclose(
        scaled(images, "imagenet")[2, 0, 0], [2.2489083, 2.4285714, 2.64], rtol=1e-6
    )
    np.testing.assert_allclose(
        scaled(images, "clip")[0, 0, 0], [-1.7922626, -1.7520971, -1.4802198], rtol=1e-6
    )


def test_the_scaling_is_part_of_the_protocol():
    extractor = Extractor("tiny", "ab", (8, 8), 3, lambda x: (x.mean((1, 2)), None))
    clip = with_scaling(extractor, "clip")
    assert clip.resizer == f"{extractor.resizer}; values scaled: clip"
    grey = Extractor("grey", "ab", (8, 8), 1, lambda x: (x.mean((1, 2)), None))
    with pytest.raises(InputError, match="--scaling clip is for three channels; grey takes one"):
        with_scaling(grey, "clip")


def test_a_protocol_is_refused_for_a_network_that_cannot_be_it():
    def network(length):
        return lambda x: (np.zeros((len(x), length), np.float32), None)

    small = Extractor("mine", "ab", (299, 299), 3, network(768))
    with pytest.raises(InputError, match=r"mine: takes \(299, 299, 3\); CLIP ViT-L/14@336 takes"):
        with_protocol(small, "clip")
    short = Extractor("mine", "ab", (224, 224), 3, network(384))
    with pytest.raises(InputError, match=r"gives \(1, 384\) of one image; DINOv2 ViT-L/14 gives"):
        with_protocol(short, "dinov2")
    known = with_protocol(Extractor("mine", "ab", (224, 224), 3, network(1024)), "dinov2")
    assert (known.name, known.sha256, known.scaling) == ("dinov2_vitl14", "ab", "imagenet")
