"""PSNR and SSIM against scikit-image, MS-SSIM against TensorFlow."""

import numpy as np
import pytest
from skimage import metrics as reference

from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.metrics.ms_ssim import pair_similarities
from tfmedgan.evaluation.metrics.one_vs_all import one_vs_all
from tfmedgan.evaluation.similarity import ms_ssim, psnr, scale_weights, ssim


def _pairs(count=3, size=48, channels=3):
    generator = np.random.default_rng(0)
    coarse = generator.integers(0, 256, (count, size // 8, size // 8, channels))
    left = coarse.repeat(8, 1).repeat(8, 2).astype(np.uint8)
    noise = generator.normal(0, 20, left.shape)
    return left, np.clip(left + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_agrees_with_scikit_image(channels):
    # 1e-10: the same filter with the same window, in the same precision
    left, right = _pairs(channels=channels)
    expected = [
        reference.structural_similarity(
            a.astype(float), b.astype(float), data_range=255, channel_axis=-1,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )
        for a, b in zip(left, right, strict=True)
    ]  # fmt: skip
    np.testing.assert_allclose(ssim(left, right), expected, rtol=1e-10)


def test_equal_images_are_no_more_than_equal():
    images = np.random.default_rng(0).integers(0, 256, (20, 128, 128, 3))
    assert ms_ssim(images, images).max() <= 1.0


def test_psnr_agrees_with_scikit_image():
    left, right = _pairs()
    expected = [
        reference.peak_signal_noise_ratio(a, b, data_range=255)
        for a, b in zip(left, right, strict=True)
    ]
    np.testing.assert_allclose(psnr(left, right), expected, rtol=1e-10)
    assert np.isinf(psnr(left, left)).all()


@pytest.mark.parametrize("size", [192, 64])
def test_ms_ssim_agrees_with_tensorflow(size):
    import tensorflow as tf

    # 1e-5: TensorFlow computes in float32
    left, right = _pairs(2, size)
    weights = scale_weights(size)
    expected = tf.image.ssim_multiscale(left, right, 255, power_factors=weights)
    np.testing.assert_allclose(ms_ssim(left, right), expected, atol=1e-5)


def test_small_images_have_fewer_scales():
    assert [len(scale_weights(size)) for size in (28, 32, 64, 128, 176)] == [2, 2, 3, 4, 5]
    assert scale_weights(28).sum() == pytest.approx(1)


def test_identity():
    left, _ = _pairs()
    np.testing.assert_allclose(ssim(left, left), 1)
    np.testing.assert_allclose(ms_ssim(left, left), 1)


def test_one_vs_all_is_one_image_against_each():
    left, right = _pairs()
    peaks, similarities = one_vs_all(left[0], right)
    assert peaks[1] == pytest.approx(psnr(left[:1], right[1:2])[0])
    assert similarities[1] == pytest.approx(ssim(left[:1], right[1:2])[0])


def test_a_repeating_generator_is_less_diverse():
    left, _ = _pairs(20)
    collapsed = np.repeat(left[:2], 10, axis=0)
    generator = np.random.default_rng(0)
    varied = pair_similarities(array_pool(left, "a"), generator, 60).mean()
    assert pair_similarities(array_pool(collapsed, "b"), generator, 60).mean() > varied + 0.2
