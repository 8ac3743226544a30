"""Relativistic GAN for few images (after Huang et al. 2024), with labels or without."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import DataConfig, DecayingAdamConfig, DiffAugment, Experiment, ModelConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class RGANConfig(ModelConfig):
    """A small network, so that few images and two cores are enough; widths double inwards."""

    image_shape: tuple[int, int, int] = (64, 64, 3)
    latent_dim: int = 128
    ngf: int = 32  # filters of the generator where its maps have 64×64 pixels
    ndf: int = 48  # filters of the discriminator where its maps have 32×32 pixels
    penalty_weight: float = 0.01  # γ of R1 and R2
    penalty_noise: float = 0.05  # σ of the differences that stand for the gradient
    penalty_every: int = 4  # updates between penalties, each of which then counts so much more
    self_modulation: bool = False  # whether z scales and shifts every map; older runs do without
    labels_at_places: bool = False  # whether labels see to places, too; older runs do without
    epoch_images: int = 1000  # an epoch is as many passes as show that many, so that logs and
    # checkpoints are not most of the work where images are few

    family = "rgan"
    loss = "relativistic"
    labels = "optional"
    direction_only = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require_least(1, "ngf", "ndf", "penalty_every")
        self.require_least(0, "penalty_weight")
        require(self.penalty_noise > 0, f"penalty_noise is {self.penalty_noise}; must be above 0")

    def possible_sizes(self) -> tuple[int, ...]:
        return (32, 64, 128, 256)


ARCHITECTURES.add(
    "rgan",
    Experiment(
        data=DataConfig(source="phantom:fundus", steps=standard_steps((64, 64, 3))),
        model=RGANConfig(self_modulation=True, labels_at_places=True, energy_weight=3.0),
        # Four times these rates diverge; without the decay nothing is gained after 40,000 images.
        generator_optimizer=DecayingAdamConfig(1.6e-3, 0.0, 0.99),
        discriminator_optimizer=DecayingAdamConfig(8e-4, 0.0, 0.99),
        batch_size=32,
        epochs=100,
        ema=0.998,  # half-life 350 updates, 11,000 images
        augment=DiffAugment(cutout_probability=0.5, contrast=0.0, brightness=0.1),
        name="rgan",
    ),
)
