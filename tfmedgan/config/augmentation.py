"""What the discriminator of an experiment sees in place of the images."""

from dataclasses import dataclass, fields

from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class DiffAugment:
    """Differentiable augmentation (Zhao et al. 2020), always on: colour, translation, cutout.

    Real and generated images pass through the same random transformations before the
    discriminator judges them, so it cannot learn few real images by heart, and the generator
    does not learn the transformations; the operations are in `tfmedgan.models.augmentation`.
    The defaults are the ranges of the paper's code; 0 leaves a transformation out.
    """

    translation: float = 1 / 8  # largest shift, as a share of the image's side
    cutout: float = 1 / 2  # side of the square that is blanked, as a share of the image's side
    cutout_probability: float = 1.0  # share of the images that lose a square
    brightness: float = 1 / 2  # largest amount added to pixels in [-1, 1]
    saturation: float = 1.0  # largest change of the factor 1
    contrast: float = 1 / 2  # likewise
    # Standard deviation of the noise added in the end, to pixels in [-1, 1]; not of the paper but
    # instance noise (Sønderby et al. 2017). What normalises its maps sees no contrast without it.
    noise: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            share = getattr(self, field.name)
            require(0 <= share <= 1, f"{field.name} is {share}; must be in [0, 1]")


@configuration
@dataclass(frozen=True)
class AdaptiveAugment:
    """Adaptive discriminator augmentation (Karras et al. 2020): as strong as overfitting demands.

    Each transformation happens with probability p, which rises while the discriminator is
    right about more than `target` of the real images, and falls otherwise.
    """

    target: float = 0.6  # of r_t = E[sign(D(real))]
    interval: int = 4  # discriminator updates between changes of p
    images: int = 100_000  # in which p can rise from 0 to 1; 500,000 in the paper

    def __post_init__(self) -> None:
        require(-1 < self.target < 1, f"target of r_t is {self.target}; must be in (-1, 1)")
        for name in ("interval", "images"):
            value = getattr(self, name)
            require(value >= 1, f"{name} of adaptive augmentation is {value}; must be at least 1")


AUGMENTATIONS = {"none": None, "diffaug": DiffAugment(), "ada": AdaptiveAugment()}  # --augment
