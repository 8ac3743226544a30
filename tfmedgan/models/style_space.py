"""The styles of a trained StyleGAN2 generator: their average, truncation, and mixtures."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tfmedgan.models import sampling
from tfmedgan.models.style_layers import FixedNoise
from tfmedgan.models.stylegan2_networks import convolved_sides, num_styles, sides

VECTORS = 10_000  # latent vectors whose styles are averaged, as in the paper's projector
BATCH = 16


@dataclass(frozen=True)
class StyleSpace:
    """The parts of a generator as `stylegan2_networks.build_generator` makes it."""

    mapping: keras.Model
    synthesis: keras.Model
    noise: Any  # float32 (1, `noise_size`)
    n_classes: int  # 0: unconditional

    @classmethod
    def of(cls, generator: keras.Model) -> "StyleSpace":
        noise = next(layer for layer in generator.layers if isinstance(layer, FixedNoise))
        mapping, synthesis = (generator.get_layer(name) for name in ("mapping", "synthesis"))
        fixed = tf.convert_to_tensor(noise.noise)
        return cls(mapping, synthesis, fixed, sampling.n_classes(generator))

    @property
    def size(self) -> int:
        """Side of the images."""
        return self.synthesis.output_shape[1]

    def styles(self, z: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """w, (n, d), of latent vectors (n, latent_dim) and labels (n,)."""
        inputs = z if labels is None else [z, labels.astype(np.int32)]
        return np.asarray(self.mapping(inputs, training=False))

    def averages(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean style of each class, or of all images, (max(1, classes), d), and its deviation (d,).

        The deviation is the standard deviation of a style from the mean of its class.
        """
        z = sampling.latent_vectors(VECTORS, self.mapping.inputs[0].shape[-1], 0).numpy()
        classes: list = [np.full(VECTORS, c) for c in range(self.n_classes)] or [None]
        all_styles = [self.styles(z, labels) for labels in classes]
        spread = np.sqrt(np.mean([styles.var(axis=0) for styles in all_styles], axis=0))
        return np.stack([styles.mean(axis=0) for styles in all_styles]), spread

    def synthesised(self, styles):
        """Images in [-1, 1] of styles (n, L, d), differentiable, by the generator's fixed noise."""
        return self.synthesis([tf.convert_to_tensor(styles), self.noise], training=False)

    def images(self, styles: np.ndarray) -> np.ndarray:
        """uint8 images (n, H, W, C) of styles (n, L, d)."""
        batches = [styles[i : i + BATCH] for i in range(0, len(styles), BATCH)]
        made = [sampling.to_bytes(self.synthesised(batch)).numpy() for batch in batches]
        return np.concatenate(made)

    def mixed(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """From one image to another by the resolution from which on the styles are the other's.

        Args:
            first: (d,), of all layers in the first image.
            second: (d,), of those from 64×64, from 32×32, … from 4×4 on, which is all, in others.

        Returns:
            uint8 (1 + number of resolutions, H, W, C).
        """
        layers = num_styles(self.size)
        changes = [convolved_sides(self.size).index(side) for side in reversed(sides(self.size))]
        number = np.arange(layers)[:, np.newaxis]
        return self.images(
            np.stack([np.where(number < change, first, second) for change in (layers, *changes)])
        )


def truncated(generator: keras.Model, psi: float) -> keras.Model:
    """The generator with styles drawn towards the mean of their class: w̄ + ψ·(w − w̄).

    Karras et al. 2019, appendix B, have one mean for all; that of a class keeps images within it.

    Args:
        psi: ψ in [0, 1]; at 0 all images of a class are the same one.
    """
    space = StyleSpace.of(generator)
    means, _ = space.averages()
    inputs = generator.inputs if space.n_classes else generator.inputs[0]
    w = space.mapping(inputs)
    mean = ops.take(means, inputs[1], axis=0) if space.n_classes else ops.convert_to_tensor(means)
    w = mean + psi * (w - mean)
    noise = next(layer for layer in generator.layers if isinstance(layer, FixedNoise))
    styles = ops.repeat(ops.expand_dims(w, 1), num_styles(space.size), axis=1)
    images = generator.get_layer("images")(space.synthesis([styles, noise(w)]))
    return keras.Model(inputs, images, name="truncated_generator")
