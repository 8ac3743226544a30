"""StyleGAN2 with adaptive augmentation (Karras et al. 2020a and b), with labels or without."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdaptiveAugment, DataConfig, Experiment, ModelConfig, PyTorchAdamConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import require
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class StyleGAN2Config(ModelConfig):
    """Widths halve outwards: channel_base/side filters, channel_max at most, in both networks."""

    image_shape: tuple[int, int, int] = (64, 64, 3)
    latent_dim: int = 512  # of z, and of the styles w
    mapping_layers: int = 8  # dense layers from z to w
    channel_base: int = 16384  # filters times side; 32,768 in the paper's 1024 px
    channel_max: int = 512
    style_mixing: float = 0.9  # share of training images that are made of two styles
    r1_weight: float = 10.0  # γ of R1
    r1_every: int = 16  # updates between penalties, each of which then counts so much more
    path_length_weight: float = 2.0  # 0: no regularisation of path lengths
    path_length_every: int = 4  # updates between them, as above
    epoch_images: int = 1000  # an epoch is as many passes as show that many

    family = "stylegan2"
    labels = "optional"
    direction_only = True
    has_styles = True

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require_least(1, "channel_base", "channel_max", "r1_every", "path_length_every")
        self.require_least(0, "r1_weight", "path_length_weight")
        layers, mixing = self.mapping_layers, self.style_mixing
        require(2 <= layers <= 8, f"mapping_layers is {layers}; must be in [2, 8]")
        require(0 <= mixing <= 1, f"style_mixing is {mixing}; must be in [0, 1]")

    def possible_sizes(self) -> tuple[int, ...]:
        return (32, 64, 128, 256)

    def num_filters(self, side: int) -> int:
        """Filters of maps of `side` pixels."""
        return max(1, min(self.channel_base // side, self.channel_max))


ARCHITECTURES.add(
    "stylegan2",
    Experiment(
        data=DataConfig(source="phantom:fundus", steps=standard_steps((64, 64, 3))),
        # Narrow, so that two cores train it.
        model=StyleGAN2Config(
            latent_dim=128, mapping_layers=4, channel_base=2048, channel_max=256, r1_weight=0.025,
            path_length_weight=0.0,
        ),
        generator_optimizer=PyTorchAdamConfig(2.5e-3, 0.0, 0.99),
        discriminator_optimizer=PyTorchAdamConfig(2.5e-3, 0.0, 0.99),
        batch_size=32,
        epochs=100,
        ema=0.998,  # half-life 350 updates, 11,000 images
        augment=AdaptiveAugment(),
        name="stylegan2",
    ),
)  # fmt: skip
