"""What the architectures of an experiment share."""

import math
from dataclasses import dataclass
from typing import ClassVar

from tfmedgan.errors import require
from tfmedgan.serialization import configuration

MASKED = (2, 4)  # numbers of channels of which the last is a mask, beside grey or RGB
LARGEST_LATENT = 4096


@configuration
@dataclass(frozen=True)
class ModelConfig:
    """What every architecture has; the families in `tfmedgan.architectures` add to it."""

    image_shape: tuple[int, int, int] = (32, 32, 3)  # height, width, channels
    latent_dim: int = 100
    n_classes: int = 0  # 0: unconditional
    energy_weight: float = 0.0  # of the energy distance of batches in the generator's loss

    family = ""  # module of tfmedgan.models that builds it
    loss = "non_saturating"  # name in tfmedgan.losses; a field where a family has several
    labels = "unused"  # unused | optional | required
    direction_only = False  # whether the generator brings z to one length
    has_styles = False  # whether it turns z into styles, whose average truncation draws towards
    possible_channels: ClassVar[tuple[int, ...]] = (1, 2, 3, 4)  # 2 and 4: with a mask
    value_range = (-1.0, 1.0)  # what the generator's tanh delivers
    epoch_images = 1  # an epoch is as many passes as show so many; a field where that matters

    def __post_init__(self) -> None:
        height, width, channels = self.image_shape
        require(height == width, f"image shape is {self.image_shape}; images must be square")
        valid = ", ".join(map(str, self.possible_channels))
        known = channels in self.possible_channels
        require(known, f"number of channels is {channels}; valid: {valid}")
        require(
            1 <= self.latent_dim <= LARGEST_LATENT,
            f"latent dimension is {self.latent_dim}; must be from 1 to {LARGEST_LATENT}",
        )
        sizes = ", ".join(map(str, self.possible_sizes()))
        require(
            height in self.possible_sizes(),
            f"image size {height} is not possible for the {self.family} family; possible: {sizes}",
        )
        self.require_least(0, "energy_weight")
        none, several = self.n_classes == 0, self.n_classes >= 2
        allowed, rule = {
            "unused": (none, "0, it uses no labels"),
            "optional": (none or several, "0 (no labels), 2 or more"),
            "required": (several, "2 or more"),
        }[self.labels]
        require(allowed, f"number of classes is {self.n_classes}; {self.family} takes {rule}")

    def require_least(self, least: int, *names: str) -> None:
        """Raise `InputError` for one of these fields that is below."""
        rule = f"be at least {least}" if least else "not be negative"
        for name in names:
            value = getattr(self, name)
            require(value >= least, f"{name} is {value}; must {rule}")

    @property
    def conditional(self) -> bool:
        """Whether the networks take labels."""
        return self.n_classes > 0

    @property
    def has_mask(self) -> bool:
        """Whether the last channel of images is a mask."""
        return self.image_shape[2] in MASKED

    def possible_sizes(self) -> tuple[int, ...]:
        """Image sizes, in pixels, that the architecture can make."""
        raise NotImplementedError

    def images_per_step(self, batch_size: int) -> int:
        """Real images that one training step takes from the pipeline."""
        return batch_size

    @property
    def batches_per_step(self) -> int:
        """Equal parts of a step's real images that are seen one after the other."""
        return 1

    def steps_per_epoch(self, n_images: int, batch_size: int) -> int:
        """Training steps that the paper counts as one epoch, full batches only."""
        images = self.images_per_step(batch_size)
        a_pass = max(1, n_images // images)
        return a_pass * math.ceil(max(1, self.epoch_images) / (a_pass * images))
