"""The U-Net's size, ranges and loss, computed by hand."""

import keras
import numpy as np
import pytest

from tests.segmentation.conftest import discs
from tfmedgan.errors import InputError
from tfmedgan.models.fast_layers import plain
from tfmedgan.segmentation import UNET, UNetConfig, unet
from tfmedgan.segmentation.fitting import paired
from tfmedgan.segmentation.loss import SMOOTH, dice_and_cross_entropy


def by_hand(width: int, channels: int, depth: int = 4) -> int:
    """Trainable parameters: 3×3 convolutions without bias, 2 of a normalisation each; 2×2 up."""

    def two(inputs, filters):
        return 9 * inputs * filters + 9 * filters**2 + 4 * filters

    down = [width * 2**level for level in range(depth + 1)]
    count = two(channels, width) + sum(two(a, 2 * a) for a in down[:-1])
    for filters in down[:-1]:
        count += 4 * 2 * filters * filters + filters + two(2 * filters, filters)
    return count + width + 1


def parameters(network) -> int:
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def test_parameters():
    assert by_hand(16, 3) == 1_942_577
    assert parameters(unet.build(UNET.network)) == 1_942_577
    assert parameters(unet.build(UNetConfig((32, 32, 1), 4, 2))) == by_hand(4, 1, 2)
    # The paper's 31 million: 64 filters, with the biases that normalisation makes superfluous.
    assert by_hand(64, 1) == 31_036_481


def test_logits_have_the_size_of_the_image_and_follow_the_seed():
    images = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 1)).astype(np.float32)
    outputs = [unet.build(UNetConfig((32, 32, 1), 4, 2), seed)(images) for seed in (0, 0, 1)]
    assert outputs[0].shape == (2, 32, 32, 1)
    assert np.array_equal(outputs[0], outputs[1]) and not np.allclose(outputs[0], outputs[2])


def test_logits_are_float32_in_half_precision_and_the_saved_layers_are_keras_own():
    network = unet.build(UNetConfig((32, 32, 3), 4, 2), precision="mixed_bfloat16")
    images = np.full((1, 32, 32, 3), 80, np.float32)
    assert keras.backend.standardize_dtype(network(images).dtype) == "float32"
    own = plain(network)
    assert all(type(layer).__module__.startswith("keras.") for layer in own.layers)
    assert np.array_equal(own(images), network(images))


def test_the_loss_by_hand():
    masks = np.zeros((2, 2, 2, 1), np.float32)
    masks[0, 0, 0] = 1
    logits = np.log(np.full_like(masks, 0.25 / 0.75))  # one in four, everywhere
    entropy = -np.array([np.log(0.25) + 3 * np.log(0.75), 4 * np.log(0.75)]) / 4
    dice = np.array([(2 * 0.25 + SMOOTH) / (2 + SMOOTH), SMOOTH / (1 + SMOOTH)])
    assert np.allclose(dice_and_cross_entropy(masks, logits), entropy + 1 - dice, atol=1e-6)


def test_images_and_masks_become_the_channels_of_prepared_data():
    images, masks = discs(3, 0)
    arrays = paired(images, masks)
    assert arrays.images.shape == (3, 32, 32, 4) and arrays.names == ("0", "1", "2")
    assert np.array_equal(arrays.images[..., :3], images)
    assert np.array_equal(arrays.images[..., 3], 255 * masks)


@pytest.mark.parametrize(
    ("images", "masks", "message"),
    [
        ((3, 8, 8, 4), (3, 8, 8), "must be uint8 .n, height, width, 1 or 3."),
        ((3, 8, 8, 3), (3, 8, 9), r"masks are bool \(3, 8, 9\); must be bool \(3, 8, 8\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(images, masks, message):
    with pytest.raises(InputError, match=message):
        paired(np.zeros(images, np.uint8), np.zeros(masks, bool))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"image_shape": (60, 60, 3)}, "image size 60 is not possible; give a multiple of 16"),
        ({"image_shape": (16, 16, 3)}, "image size 16 is not possible; .* 32 at least"),
        ({"image_shape": (64, 64, 4)}, "number of channels is 4; valid: 1, 3"),
        ({"width": 2}, r"width is 2; must be in \[4, 128\]"),
    ],
)
def test_sizes_that_cannot_be(fields, message):
    with pytest.raises(InputError, match=message):
        UNetConfig(**fields)
