"""Radiomic features by PyRadiomics, with the settings of FRD."""

import sys

import numpy as np
import pytest

from tfmedgan.errors import InputError
from tfmedgan.evaluation import evaluate, open_extractor
from tfmedgan.evaluation.features import extract
from tfmedgan.evaluation.images import array_pool


def test_without_the_package_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "radiomics", None)
    with pytest.raises(InputError, match=r"needs PyRadiomics: pip install 'tfmedgan\[radiomics\]'"):
        open_extractor("radiomics")


@pytest.fixture(scope="module")
def radiomics():
    pytest.importorskip("radiomics")
    return open_extractor("radiomics")


def test_features_are_those_of_the_reference_settings(radiomics, images):
    values = extract(radiomics, array_pool(images[:4], "x")).values
    # 77 numbers of the image and of four wavelets, 13 of PyRadiomics's diagnostics
    assert values.shape == (4, 398)
    assert radiomics.resizer == "none" and len(radiomics.sha256) == 64
    np.testing.assert_array_equal(
        extract(radiomics, array_pool(images[1:2], "x")).values[0], values[1]
    )


def test_frd_is_zero_for_equal_sets_and_grows_with_noise(radiomics, images):
    rng = np.random.default_rng(0)

    def frd(sigma):
        noise = rng.normal(0, sigma, images.shape)
        noisy = np.clip(images + noise, 0, 255).astype(np.uint8)
        row = evaluate(noisy[:20], images[:20], ("frd",), radiomics)[0]
        return row.value

    values = [frd(sigma) for sigma in (0, 5, 40)]
    assert values[0] == pytest.approx(0, abs=1e-6)
    assert 1 < values[1] < values[2]


def test_images_without_texture_are_refused(radiomics):
    with pytest.raises(InputError, match="an image has one grey level"):
        extract(radiomics, array_pool(np.full((10, 32, 32, 1), 7, np.uint8), "x"))
    with pytest.raises(InputError, match=r"is \(8, 8\) pixels; texture needs"):
        small = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 1), np.uint8)
        extract(radiomics, array_pool(small, "x"))
