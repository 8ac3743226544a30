"""Images of a StyleGAN2 generator that are nearest to given ones (Karras et al. 2020a, § 5)."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.models import optimizers, sampling
from tfmedgan.models.style_space import StyleSpace
from tfmedgan.models.stylegan2_networks import num_styles
from tfmedgan.seeding import step_key

STEPS = 300
RATE = 0.1  # of Adam, in deviations of a style
WARM, COOL = 0.05, 0.25  # shares of the steps in which the rate rises, and falls
NOISE, NOISY = 0.05, 0.75  # in deviations; share of the steps in which it falls to 0
COARSEST = 8  # side of the smallest copies that are compared


@dataclass(frozen=True)
class Projection:
    """What a generator makes that is nearest to an image."""

    image: np.ndarray  # uint8 (H, W, C)
    style: np.ndarray  # float32 (d,)
    rmse: float  # root mean square difference of pixels, in grey levels
    cosine_distance: float  # 1 − correlation of the pixels with those of the target


def project(
    generator: keras.Model,
    target: np.ndarray,
    label: int | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Projection:
    """The projection of one image; see `project_all`.

    Args:
        target: uint8 (H, W, C), of the generator's size and channels.
        label: class whose mean style is the beginning; None: the mean of all.
    """
    labels = None if label is None else [label]
    return project_all(generator, target[np.newaxis], labels, progress)[0]


def project_all(
    generator: keras.Model,
    targets: np.ndarray,
    labels: Sequence[int] | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> list[Projection]:
    """Look for the styles whose images are nearest, from the mean style on; always the same ones.

    As in the paper Adam moves one style for all layers, with noise that fades. Images are
    compared pixel by pixel, at full size and in copies of a half, a quarter, … of it. The noise
    of the maps stays the generator's own, so that nothing is found that no style would give.
    Each image is looked for by itself; together they only take less time.

    Args:
        generator: of a `stylegan2` run.
        targets: uint8 (n, H, W, C), of the generator's size and channels.
        labels: by image the class whose mean style is the beginning; None: the mean of all.
    """
    space = StyleSpace.of(generator)
    means, spread = space.averages()
    mean = means.mean(axis=0, keepdims=True)
    starts = np.repeat(mean, len(targets), axis=0) if labels is None else means[list(labels)]
    wanted = tf.constant(targets / 127.5 - 1, tf.float32)
    offsets = keras.Variable(np.zeros_like(starts), name="offsets")  # in deviations
    adam = optimizers.FusedAdam(RATE, 0.9, 0.999)
    adam.build([offsets])

    def images_of(moved):
        styles = starts + spread * moved
        return space.synthesised(tf.repeat(styles[:, tf.newaxis], num_styles(space.size), axis=1))

    @tf.function
    def step(number, rate, noise):
        key = step_key(0, "projection", number)
        moved = noise * tf.random.stateless_normal(starts.shape[1:], key, alg="philox")
        with tf.GradientTape() as tape:
            loss = scaled_difference(images_of(offsets.value + moved), wanted)
        adam.learning_rate.assign(rate)
        adam.apply([tape.gradient(loss, offsets.value)], [offsets])

    for number, (rate, noise) in enumerate(schedule()):
        step(tf.constant(number), tf.constant(rate), tf.constant(noise))
        if progress:
            progress(number + 1, STEPS, "steps of the projection")
    images = sampling.to_bytes(images_of(offsets.value)).numpy()
    styles = (starts + spread * offsets.numpy()).astype(np.float32)
    return [
        Projection(image, style, *nearness(image, target))
        for image, style, target in zip(images, styles, targets, strict=True)
    ]


def schedule() -> Iterator[tuple[float, float]]:
    """Rate and noise of each step."""
    for number in range(STEPS):
        done = number / STEPS
        yield RATE * pace(done), NOISE * max(0.0, 1 - done / NOISY) ** 2


def pace(done: float) -> float:
    """Factor of the rate when a share of the steps is done: it rises evenly, falls as a cosine."""
    falling = min(1.0, (1 - done) / COOL)
    return min(1.0, (done + 1 / STEPS) / WARM) * (0.5 - 0.5 * math.cos(math.pi * falling))


def scaled_difference(images, targets):
    """Mean square differences of images (s, s, C), at s, s/2, s/4, … 8 pixels a side; summed.

    Args:
        images, targets: (n, s, s, C); the sum is over the n images, too, so that the gradient of
            each is its own.
    """
    total = tf.reduce_mean(tf.square(images - targets))
    while images.shape[1] > COARSEST:
        images, targets = (tf.nn.avg_pool2d(x, 2, 2, "VALID") for x in (images, targets))
        total += tf.reduce_mean(tf.square(images - targets))
    return total * images.shape[0]


def nearness(image: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Root mean square difference in grey levels, and 1 − correlation, of two uint8 images."""
    a, b = (x.astype(np.float64).ravel() for x in (image, target))
    rmse = float(np.sqrt(np.mean((a - b) ** 2)))
    a, b = a - a.mean(), b - b.mean()
    lengths = np.linalg.norm(a) * np.linalg.norm(b)
    return rmse, float(1 - a @ b / lengths) if lengths else 1.0
