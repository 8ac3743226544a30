"""Simulated readers, to see what intervals are worth and to plan with."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri


@dataclass(frozen=True)
class Readers:
    """Readers and images of which each answer is right with probability Φ(effects' sum)."""

    sensitivity: float  # over all readers and images: real called real
    specificity: float  # synthetic called synthetic
    ability_sd: float = 0.1  # of readers, in units of Φ's argument
    leaning_sd: float = 0.3  # of readers, towards calling images real
    image_sd: float = 0.4  # of images: how plainly they show what they are

    @property
    def accuracy(self) -> float:
        """Over all readers and images, as many real as synthetic."""
        return (self.sensitivity + self.specificity) / 2

    def draw(self, readers: int, images: int, rng: np.random.Generator) -> list[np.ndarray]:
        """A study: 1.0 where an answer is right, (readers, images / 2) of real, then synthetic."""
        spread = np.sqrt(1 + self.ability_sd**2 + self.leaning_sd**2 + self.image_sd**2)
        ability = rng.normal(0, self.ability_sd, (readers, 1))
        leaning = rng.normal(0, self.leaning_sd, (readers, 1))
        shape = (readers, images // 2)
        kinds = []
        for share, sign in ((self.sensitivity, 1), (self.specificity, -1)):
            image = rng.normal(0, self.image_sd, (1, shape[1]))
            right = ndtr(ndtri(share) * spread + ability + sign * leaning + image)
            kinds.append((rng.random(shape) < right).astype(float))
        return kinds
