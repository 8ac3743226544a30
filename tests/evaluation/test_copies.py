"""The check for copies: catches what it should, lets fresh images pass, and never claims more."""

import json
import tracemalloc

import numpy as np
import pytest

from tfmedgan.data.duplicates import bits, fingerprint, grouped, near_pairs
from tfmedgan.errors import InputError
from tfmedgan.evaluation import near_duplicates
from tfmedgan.evaluation.images import array_pool
from tfmedgan.evaluation.memorisation import check_copies, tail_test


def _pool(images, name="images"):
    return array_pool(images, name)


@pytest.fixture(scope="module")
def images():
    """Different images: coarse random patterns, 64×64×1, as unlike as photographs of one kind."""
    generator = np.random.default_rng(0)
    base = generator.normal(128, 40, (1, 8, 8, 1))
    coarse = np.clip(base + generator.normal(0, 30, (240, 8, 8, 1)), 0, 255)
    return coarse.repeat(8, 1).repeat(8, 2).astype(np.uint8)


def _noisy(images, sigma, seed=0):
    noise = np.random.default_rng(seed).normal(0, sigma, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.uint8)


def test_fresh_images_pass(images):
    check = check_copies(_pool(images[:80]), _pool(images[80:160]), _pool(images[160:]))
    assert check.passed
    assert check.verdict["reasons"] == []
    assert len(check.pairs) == 10


@pytest.mark.parametrize("sigma", [0, 2, 8])
def test_training_images_with_slight_noise_are_caught(images, sigma):
    fake = _noisy(images[80:160], sigma)
    check = check_copies(_pool(fake), _pool(images[80:160]), _pool(images[160:]))
    assert not check.passed
    assert {"pixels", "near-duplicates"} <= set(check.verdict["reasons"])
    assert check.pairs[0][0] == check.pairs[0][1]  # the pair is the image and its original


def test_a_tenth_of_copies_is_enough(images):
    fake = np.concatenate([images[:72], _noisy(images[80:88], 4)])
    check = check_copies(_pool(fake), _pool(images[80:160]), _pool(images[160:]))
    assert not check.passed
    copied = {pair for pair in check.pairs if pair[0] >= 72}
    assert copied == {(72 + i, i) for i in range(8)}


def test_mirrored_copies_are_caught(images):
    check = check_copies(_pool(images[80:160, :, ::-1]), _pool(images[80:160]), _pool(images[160:]))
    assert "near-duplicates" in check.verdict["reasons"]


def test_an_average_image_is_no_copy(images):
    # It lies near to every training image, nearer than fresh reals do, but near to none alone.
    mean = images[80:160].mean(0, keepdims=True).repeat(40, 0)
    check = check_copies(_pool(_noisy(mean, 3)), _pool(images[80:160]), _pool(images[160:]))
    (pixels,) = check.verdict["spaces"]
    assert pixels["distance"]["share"] == 1.0
    assert check.passed


def test_without_held_out_images_training_images_stand_in(images):
    passing = check_copies(_pool(images[:80]), _pool(images[80:]), None)
    assert passing.passed is None  # neither passed nor failed
    assert passing.verdict["compared_with"] == "other training images"
    failing = check_copies(_pool(_noisy(images[80:160], 4)), _pool(images[80:]), None)
    assert not failing.passed


def test_too_few_images_are_refused(images):
    with pytest.raises(InputError, match="3 generated images; at least 20 are needed"):
        check_copies(_pool(images[:3]), _pool(images[80:]), None)


def test_images_of_different_sizes_are_refused(images):
    with pytest.raises(InputError, match="bring them to one size"):
        check_copies(_pool(images[:40, ::2]), _pool(images[80:]), None)


def test_verdict_is_plain_json_and_claims_no_privacy(images):
    check = check_copies(_pool(images[:40]), _pool(images[80:160]), _pool(images[160:]))
    verdict = json.loads(json.dumps(check.verdict, allow_nan=False))
    assert verdict["level"] == 0.05
    distance = verdict["spaces"][0]["distance"]
    assert distance["low"] <= distance["share"] <= distance["high"]
    assert "not a proof of privacy" in verdict["caveat"]


def test_tail_test_keeps_its_level():
    # Exchangeable distances: p below 0.05 in at most 5 % of draws. 400 draws: 3 sd are 3.3 %.
    generator = np.random.default_rng(0)
    alarms = sum(
        tail_test(generator.exponential(size=300), generator.exponential(size=60))["p_value"] < 0.05
        for _ in range(400)
    )
    assert alarms <= 0.083 * 400


def test_authenticity_by_definition(images):
    # Alaa et al. 2022: not authentic if nearer to its training image than that one's neighbour
    training = images[80:160]
    fake = np.concatenate([images[:30], _noisy(training[:10], 2)])
    check = check_copies(_pool(fake), _pool(training), _pool(images[160:]))
    small = [
        np.asarray(x, float).reshape(len(x), 32, 2, 32, 2).mean((2, 4)) for x in (fake, training)
    ]
    flat = [x.reshape(len(x), -1) for x in small]
    across = np.sqrt(((flat[0][:, None] - flat[1][None]) ** 2).sum(-1))
    within = np.sqrt(((flat[1][:, None] - flat[1][None]) ** 2).sum(-1))
    np.fill_diagonal(within, np.inf)
    nearest = across.argmin(1)
    expected = (across.min(1) > within.min(1)[nearest]).mean()
    # 0.03: areas are averaged here, the check resizes by bicubic filter
    assert check.spaces[0].authentic == pytest.approx(expected, abs=0.03)


@pytest.mark.realdata
def test_held_out_real_images_pass_in_19_of_20_resamplings(radiographs):
    # Published twice are some: one of each group, else "held out" would be a true copy.
    pairs = near_pairs(np.stack([fingerprint(image) for image in radiographs]))
    groups = grouped(len(radiographs), pairs, [""] * len(radiographs))
    images = radiographs[np.unique(groups, return_index=True)[1]]
    passed = 0
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(images))
        parts = [_pool(images[part]) for part in np.array_split(order, 3)]
        passed += check_copies(*parts).passed
    assert passed >= 19
    noisy = _pool(_noisy(images[:100], 5))
    assert not check_copies(noisy, _pool(images[:200]), _pool(images[200:])).passed


def _coefficients(count):
    return np.random.default_rng(0).standard_normal((count, 16, 16)).astype(np.float32)


def test_hashes_are_compared_in_blocks(monkeypatch):
    prints = _coefficients(90)
    training = bits(prints[10:])
    whole = [near_duplicates.nearest_bits(p, training, a) for p, a in
             ((prints, False), (prints[10:], True))]  # fmt: skip
    assert (whole[0][0][10:] == 0).all() and (whole[1][0] > 0).all()
    monkeypatch.setattr(near_duplicates, "QUERIES", 7)
    monkeypatch.setattr(near_duplicates, "TRAINING", 11)
    for part, (queries, alone) in zip(whole, ((prints, False), (prints[10:], True)), strict=True):
        found = near_duplicates.nearest_bits(queries, training, alone)
        np.testing.assert_array_equal(found[0], part[0])
        np.testing.assert_array_equal(found[1], part[1])


def test_the_comparison_of_hashes_does_not_grow_with_both_sets(monkeypatch):
    monkeypatch.setattr(near_duplicates, "TRAINING", 256)
    prints, training = _coefficients(512), bits(_coefficients(5000))
    tracemalloc.start()
    near_duplicates.nearest_bits(prints, training)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 2**20  # all forms against all training images would be 78 MiB


def test_near_duplicates_are_sought_a_chunk_at_a_time(monkeypatch):
    monkeypatch.setattr("tfmedgan.data.duplicates.CHUNK", 128)
    coefficients = _coefficients(4000)
    tracemalloc.start()
    assert near_pairs(coefficients) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * coefficients.nbytes  # the hashes of all at once took more than three times
