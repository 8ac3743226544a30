"""Extractors, resizing and the cache."""

import tracemalloc

import cv2
import numpy as np
import pytest
from PIL import Image

from tfmedgan.errors import InputError
from tfmedgan.evaluation.cache import FeatureCache
from tfmedgan.evaluation.features import Extractor, check_name, extract, open_extractor
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.resize import resize, to_channels


def test_resizing_is_antialiased_and_in_float():
    # A one-pixel checkerboard has no content at half the size: the mean must remain.
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)[..., None]
    assert abs(resize(board, (16, 16))[2:-2, 2:-2] - 127.5).max() < 4
    assert resize(board, (16, 16)).dtype == np.float32
    np.testing.assert_array_equal(resize(board, (64, 64)), board)


def test_resizing_is_pillows_bicubic_within_rounding_to_bytes():
    image = np.random.default_rng(0).integers(60, 200, (40, 30, 3), np.uint8)
    expected = np.asarray(Image.fromarray(image).resize((20, 50), Image.Resampling.BICUBIC), float)
    # Pillow rounds bytes after each of its two passes: half a level, amplified by the second
    assert np.abs(np.clip(resize(image, (50, 20)), 0, 255) - expected).max() < 1.5


def test_grey_is_repeated_and_colour_becomes_luma():
    grey = np.full((2, 2, 1), 7, np.float32)
    assert (to_channels(grey, 3) == 7).all() and to_channels(grey, 3).shape == (2, 2, 3)
    red = np.array([[[100, 0, 0]]], np.float32)
    assert to_channels(red, 1)[0, 0, 0] == pytest.approx(29.9)


def test_the_default_sees_shapes_and_blur_and_no_contrast(images):
    default = open_extractor()
    assert default.name == "multiscale" and default.resizer.endswith("to 128×128")
    plain = images[:40]
    weak = (128 + (plain.astype(float) - 128) * 0.7).round().astype(np.uint8)
    blurred = np.stack([cv2.blur(image, (5, 5)) for image in plain])
    halves = np.concatenate([plain[:, 10:], plain[:, :10]], axis=1)  # textures stay where they are
    sets = (plain, weak, blurred, halves)
    values, *others = (extract(default, array_pool(s, "x")).values for s in sets)
    assert values.shape == (40, 128)
    spread = np.linalg.norm(values - values.mean(0), axis=1).mean()
    apart = [np.linalg.norm(other - values, axis=1).mean() / spread for other in others]
    assert apart[0] < 0.3 and min(apart[1:]) > 2 * apart[0], apart


def test_random_features_are_the_same_everywhere_and_not_degenerate(images):
    random = open_extractor("random")
    assert random.name == "random"
    assert random.resizer.endswith("to 128×128")
    # NumPy draws the weights, so the hash does not depend on machine, process or TensorFlow.
    assert random.sha256 == "e5a0f0dc0395a5dce0c3a2f254550984e25ef4d99f6618b0cbede7852c4308ca"
    values = extract(random, array_pool(images[:25], "x")).values.astype(np.float64)
    assert values.shape == (25, 2048)
    spectrum = np.linalg.svd(values - values.mean(0), compute_uv=False) ** 2
    participation = spectrum.sum() ** 2 / (spectrum**2).sum()
    assert participation > 5  # Keras's own untrained network: below 2
    assert (values.std(0) > 1e-3).mean() > 0.9
    assert 0.05 < (values**2).mean() < 5  # near that of trained networks, for KID's kernel


def test_a_model_file_and_its_saved_model_give_the_same(network, images, tmp_path):
    import keras

    keras.saving.load_model(network).export(tmp_path / "saved", verbose=False)
    pool = array_pool(images, "x")
    from_file, from_folder = open_extractor(network), open_extractor(tmp_path / "saved")
    assert (from_file.name, from_folder.name) == ("tiny", "saved")
    assert from_file.size == (16, 16)
    values = extract(from_file, pool).values
    assert values.shape == (60, 8)  # maps are averaged
    np.testing.assert_allclose(extract(from_folder, pool).values, values, rtol=1e-5, atol=1e-6)


def test_batch_size_does_not_matter(network, images):
    extractor, pool = open_extractor(network), array_pool(images, "x")
    whole = extract(extractor, pool, batch_size=60).values
    # float32 sums in another order
    np.testing.assert_allclose(extract(extractor, pool, batch_size=7).values, whole, rtol=1e-5)


def test_classifier_learns_the_labels():
    generator = np.random.default_rng(0)
    labels = np.arange(64) % 2
    images = generator.integers(0, 60, (64, 16, 16, 1), np.uint8)
    images[labels == 1] += 150
    extractor = open_extractor("classifier", (images, labels))
    found = extract(extractor, array_pool(images, "x"))
    assert found.values.shape == (64, 128)
    assert (found.probabilities.argmax(1) == labels).mean() > 0.9
    np.testing.assert_allclose(found.probabilities.sum(1), 1, rtol=1e-5)
    with pytest.raises(InputError, match="1 class; at least 2"):
        open_extractor("classifier", (images, np.zeros(64, int)))


def test_errors_name_the_option_and_what_would_be_right(tmp_path):
    with pytest.raises(
        InputError, match="valid: multiscale, random, inception, classifier, radiomics, or the path"
    ):
        check_name("incepton")
    bad = tmp_path / "bad.keras"
    bad.write_bytes(b"no model")
    with pytest.raises(InputError, match=r"bad\.keras: not a Keras model file"):
        open_extractor(bad)
    with pytest.raises(InputError, match="needs real images with labels"):
        open_extractor("classifier")


def test_cache_returns_what_was_saved_without_running_the_network(images, tmp_path):
    calls = []

    def network(batch):
        calls.append(len(batch))
        return batch.mean(axis=(1, 2)), None

    extractor = Extractor("counting", "ab", (24, 24), 1, network)
    cache, pool = FeatureCache(tmp_path / "cache"), array_pool(images, "x")
    first = extract(extractor, pool, cache=cache).values
    np.testing.assert_array_equal(extract(extractor, pool, cache=cache).values, first)
    assert sum(calls) == 60
    other = array_pool(images[::-1], "x")
    np.testing.assert_array_equal(extract(extractor, other, cache=cache).values, first[::-1])
    assert sum(calls) == 120  # another order is another entry


def test_damaged_cache_is_computed_again(images, tmp_path):
    extractor = Extractor("mean", "ab", (24, 24), 1, lambda b: (b.mean(axis=(1, 2)), None))
    cache, pool = FeatureCache(tmp_path), array_pool(images, "x")
    first = extract(extractor, pool, cache=cache).values
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:50])
    np.testing.assert_array_equal(extract(extractor, pool, cache=cache).values, first)


def test_cache_is_bounded(tmp_path):
    cache = FeatureCache(tmp_path, limit=5000)
    for key in "abcd":
        cache.save(key, {"values": np.zeros(500, np.float32)})  # a little over 2,000 bytes
    assert cache.load("d") is not None
    assert cache.load("a") is None
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_network_that_gives_no_finite_vectors_is_refused(images):
    extractor = Extractor("nan", "ab", (24, 24), 1, lambda b: (b[:, 0, 0] * np.nan, None))
    with pytest.raises(InputError, match="one finite vector per image"):
        extract(extractor, array_pool(images, "x"))


def test_inception_without_a_network_says_what_to_do(monkeypatch):
    import keras

    def fails(*args, **kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "InceptionV3", fails)
    with pytest.raises(InputError, match=r"go online once.*or use --features multiscale"):
        open_extractor("inception")


def test_features_are_in_memory_once(images):
    def network(batch):
        return np.ones((len(batch), 200_000), np.float32), None

    extractor = Extractor("wide", "", (8, 8), 1, network)
    tracemalloc.start()
    values = extract(extractor, array_pool(images, "x"), batch_size=4).values
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert values.shape == (60, 200_000) and (values == 1).all()
    assert peak < 1.5 * values.nbytes


def test_one_vector_for_a_whole_batch_is_refused(images):
    extractor = Extractor("mean", "", (8, 8), 1, lambda x: (x.mean(axis=(0, 1, 2))[None], None))
    with pytest.raises(InputError, match=r"mean: gives .* one finite vector per image"):
        extract(extractor, array_pool(images, "x"))
