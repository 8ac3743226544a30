"""Augmentation of what the discriminator sees."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan import models
from tfmedgan.config import AUGMENTATIONS, AdaptiveAugment, DiffAugment
from tfmedgan.models.augmentation import build
from tfmedgan.models.augmentation.colour import brighten, contrast, saturate
from tfmedgan.models.augmentation.diffaug import cut_out, translate
from tfmedgan.models.augmentation.warp import affine, warp

IMAGES = np.random.default_rng(0).uniform(-1, 1, (6, 16, 16, 3)).astype("float32")
KEY = tf.constant([3, 5])


@pytest.mark.parametrize("amounts", [(0.0, 0.0), (0.999, 0.0), (0.5, 0.5)])
def test_translation_moves_whole_pixels_and_blanks_what_moves_in(amounts):
    moved = np.asarray(translate(IMAGES, np.float32(amounts)[:, None].repeat(6, 1), 1 / 8))
    down, right = (int(a * 5) - 2 for a in amounts)  # an eighth of 16 px is 2: -2 … 2
    expected = np.zeros_like(IMAGES)
    for y in range(16):
        for x in range(16):
            if 0 <= y - down < 16 and 0 <= x - right < 16:
                expected[:, y, x] = IMAGES[:, y - down, x - right]
    np.testing.assert_allclose(moved, expected, atol=1e-7)


def test_cutout_blanks_one_square_of_the_chosen_images_and_nothing_else():
    centre, chosen = np.full((2, 6), 0.5, "float32"), np.arange(6) % 2 == 0
    cut = np.asarray(cut_out(IMAGES, centre, 1 / 2, chosen))
    blank = (cut == 0).all(axis=3)
    assert (blank.sum(axis=(1, 2)) == 64 * chosen).all()
    assert (cut[~blank] == IMAGES[~blank]).all()


def test_ranges_of_nothing_change_nothing():
    nothing = DiffAugment(translation=0, cutout=0, brightness=0, saturation=0, contrast=0)
    np.testing.assert_allclose(build(nothing)(IMAGES, KEY), IMAGES, atol=1e-7)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"brightness": 0.5}, lambda x: x - x.mean(axis=(1, 2, 3), keepdims=True)),
        ({"saturation": 1.0}, lambda x: x.mean(axis=3)),
        ({"contrast": 0.5}, lambda x: x.mean(axis=(1, 2, 3))),
    ],
)
def test_each_range_of_colour_is_its_own(given, kept):
    off = {"translation": 0, "cutout": 0, "brightness": 0, "saturation": 0, "contrast": 0}
    changed = np.asarray(build(DiffAugment(**{**off, **given}))(IMAGES, KEY))
    assert (np.abs(changed - IMAGES).max(axis=(1, 2, 3)) > 1e-3).all()
    np.testing.assert_allclose(kept(changed), kept(IMAGES), atol=1e-6)


@pytest.mark.parametrize("name", ["diffaug", "ada"])
def test_colours_leave_masks_alone_and_places_do_not(name):
    pairs = np.concatenate([IMAGES, np.sign(IMAGES[..., :1])], axis=3)
    pipe = build(AUGMENTATIONS[name])
    if name == "ada":
        pipe.p.assign(1.0)
    augmented = np.asarray(pipe(pairs, KEY))
    np.testing.assert_allclose(augmented[..., :3], pipe(IMAGES, KEY), atol=1e-6)
    alone = np.asarray(pipe(pairs[..., 3:], KEY))  # a grey picture of the mask: coloured, too
    assert not np.allclose(alone, augmented[..., 3:])
    assert np.abs(augmented[..., 3:]).max() <= 1 + 1e-6
    off = DiffAugment(brightness=0, saturation=0, contrast=0)
    if name == "diffaug":  # the same places are moved and blanked in the mask as in the image
        np.testing.assert_array_equal(build(off)(pairs, KEY)[..., 3:], augmented[..., 3:])


def test_cutout_takes_the_share_of_images_that_it_is_told():
    images = tf.ones((400, 8, 8, 1))
    only = DiffAugment(0, cutout_probability=0.25, brightness=0, saturation=0, contrast=0)
    cut = np.asarray(build(only)(images, KEY)).min(axis=(1, 2, 3)) == 0
    assert 60 < cut.sum() < 140  # five standard deviations of 400 · 0.25


def test_noise_is_of_the_deviation_that_it_is_told_and_new_for_each_image():
    off = {"translation": 0, "cutout": 0, "brightness": 0, "saturation": 0, "contrast": 0}
    pipe = build(DiffAugment(**off, noise=0.1))
    noise = np.asarray(pipe(IMAGES, KEY)) - IMAGES
    assert abs(noise.std() / 0.1 - 1) < 0.05 and abs(noise.mean()) < 0.01
    assert np.abs(np.corrcoef(noise.reshape(6, -1)) - np.eye(6)).max() < 0.15
    assert (np.asarray(pipe(IMAGES, KEY)) - IMAGES == noise).all()


def test_colours_change_as_their_names_say():
    half = tf.fill((6, 1, 1, 1), 0.5)
    np.testing.assert_allclose(brighten(IMAGES, half), IMAGES + 0.5)
    grey = IMAGES.mean(axis=3, keepdims=True)
    np.testing.assert_allclose(saturate(IMAGES, half), (IMAGES + grey) / 2, atol=1e-6)
    mean = IMAGES.mean(axis=(1, 2, 3), keepdims=True)
    np.testing.assert_allclose(contrast(IMAGES, half), (IMAGES + mean) / 2, atol=1e-6)


def test_warp_by_nothing_changes_nothing_and_by_half_a_turn_turns():
    zero, one = tf.zeros(6), tf.ones(6)
    np.testing.assert_allclose(warp(IMAGES, affine(zero, one, one, zero, zero)), IMAGES, atol=1e-5)
    turned = warp(IMAGES, affine(zero + np.pi, one, one, zero, zero))
    np.testing.assert_allclose(turned, IMAGES[:, ::-1, ::-1], atol=1e-4)
    mirrored = warp(IMAGES, affine(zero, -one, one, zero, zero))
    np.testing.assert_allclose(mirrored, IMAGES[:, :, ::-1], atol=1e-5)
    shifted = warp(IMAGES, affine(zero, one, one, zero + 2 / 16, zero))  # one pixel to the right
    np.testing.assert_allclose(shifted[:, :, 1:], IMAGES[:, :, :-1], atol=1e-5)


@pytest.mark.parametrize("name", ["diffaug", "ada"])
def test_gradients_are_those_of_finite_differences(name):
    """The operations are linear in the image but for clipping, so a difference is exact."""
    pipe = build(AUGMENTATIONS[name])
    if name == "ada":
        pipe.p.assign(1.0)
    weights = tf.random.stateless_normal(IMAGES.shape, (1, 1))
    x = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = tf.reduce_sum(weights * pipe(x, KEY))
    direction = tf.random.stateless_normal(IMAGES.shape, (2, 2))
    moved = tf.reduce_sum(weights * pipe(x + direction, KEY)) - value
    slope = tf.reduce_sum(tape.gradient(value, x) * direction)
    np.testing.assert_allclose(moved, slope, rtol=2e-3)  # float32 sums of 4,608 terms


@pytest.mark.parametrize("name", ["diffaug", "ada"])
def test_the_same_key_draws_the_same_and_images_differ(name):
    pipe = build(AUGMENTATIONS[name])
    if name == "ada":
        pipe.p.assign(0.9)
    same = np.repeat(IMAGES[:1], 6, axis=0)
    first, again, other = (np.asarray(pipe(same, key)) for key in (KEY, KEY, KEY + 1))
    assert (first == again).all() and (first != other).any()
    assert np.isfinite(first).all()
    assert all((first[0] != image).any() for image in first[1:])


def test_ada_does_nothing_at_first():
    np.testing.assert_allclose(build(AdaptiveAugment())(IMAGES, KEY), IMAGES, atol=1e-5)


def test_ada_follows_how_often_reals_are_recognised():
    """One move of count·interval/images every `interval` updates, by the sign of r_t − target."""
    pipe = build(AdaptiveAugment(target=0.6, interval=2, images=1000))
    for correct in (1.0, 0.9, 0.8, 0.7):
        pipe.adapt(tf.constant(correct), tf.constant(10))
    assert float(pipe.p) == pytest.approx(2 * 10 * 2 / 1000)
    for _ in range(6):
        pipe.adapt(tf.constant(0.0), tf.constant(10))
    assert float(pipe.p) == 0.0


@pytest.mark.parametrize("architecture", ["cgan", "dcgan64", "wgan-gp64"])
def test_ada_is_told_during_training(architecture):
    few = {"dcgan64": {"ngf": 4, "ndf": 4}, "wgan-gp64": {"ngf": 4, "ndf": 4, "critic_steps": 2}}
    fields = few.get(architecture, {}) | {"image_shape": (32, 32, 1)}
    model = models.create(architecture, **fields)
    augment = AdaptiveAugment(target=-0.99, interval=1, images=100)
    model.compile(*(keras.optimizers.Adam(1e-4) for _ in range(2)), augment=augment)
    images = np.random.default_rng(1).uniform(-1, 1, (8, 32, 32, 1)).astype("float32")
    for _ in range(2):
        model.train_on_batch(images, np.zeros(8, "int32"))
    assert float(model.augmentation.p) > 0
    assert any(variable is model.augmentation.p for variable in model.state)


def test_augmentation_reaches_reals_and_fakes_but_not_samples():
    model = models.create("dcgan64", image_shape=(32, 32, 1), ngf=4, ndf=4)
    model.compile(*(keras.optimizers.Adam(1e-4) for _ in range(2)), augment=DiffAugment())
    images = tf.constant(IMAGES[:, :, :, :1])
    seen = {stream: np.asarray(model.augmented(images, stream)) for stream in ("real", "fake", "")}
    assert (seen["real"] != seen["fake"]).any() and (seen["real"] != IMAGES[..., :1]).any()
    assert (seen[""] == IMAGES[..., :1]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DiffAugment(cutout=2.0), r"cutout is 2.0; must be in \[0, 1\]"),
        (lambda: AdaptiveAugment(target=2.0), "target of r_t is 2.0"),
        (lambda: AdaptiveAugment(interval=0), "interval of adaptive augmentation is 0"),
    ],
)
def test_impossible_values_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
