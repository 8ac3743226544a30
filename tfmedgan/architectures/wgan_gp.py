"""Wasserstein GAN with gradient penalty (Gulrajani et al. 2017), with labels or without."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import DataConfig, Experiment, ModelConfig, PyTorchAdamConfig, Range
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import require_known
from tfmedgan.serialization import configuration

INTERPOLATIONS = ("uniform", "normal")


@configuration
@dataclass(frozen=True)
class WGANGPConfig(ModelConfig):
    """Values of vuw-covid; the schedule of updates is that of Gulrajani et al. 2017."""

    image_shape: tuple[int, int, int] = (64, 64, 3)
    label_dim: int = 100  # length of the label's vector beside z, when conditional
    ngf: int = 64  # filters of the generator's last hidden layer
    ndf: int = 64  # filters of the critic's first layer
    use_bias: bool = False
    critic_steps: int = 5  # n_critic: critic updates for each of the generator
    penalty_weight: float = 10.0  # λ
    interpolation: str = "uniform"  # α ~ U[0, 1] (paper) | "normal": N(0, 1), a copied tutorial's
    fresh_reals: bool = True  # a new batch for each critic update, or the same one for all
    noise_factor: float = 0.0  # the generator takes z + noise_factor·n, n ~ N(0, 1)
    critic_range: Range = (-1.0, 1.0)  # range in which the critic sees images

    family = "wgan_gp"
    loss = "wasserstein"
    labels = "optional"

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require_least(1, "ngf", "ndf", "critic_steps", "label_dim")
        self.require_least(0, "penalty_weight", "noise_factor")
        require_known("unknown interpolation", self.interpolation, INTERPOLATIONS)

    def possible_sizes(self) -> tuple[int, ...]:
        return (32, 64, 128, 256)

    @property
    def batches_per_step(self) -> int:
        return self.critic_steps if self.fresh_reals else 1

    def images_per_step(self, batch_size: int) -> int:
        return batch_size * self.batches_per_step


def _experiment(name: str, model: WGANGPConfig, batch_size: int) -> Experiment:
    return Experiment(
        data=DataConfig(source="phantom:chest", steps=standard_steps(model.image_shape)),
        model=model,
        generator_optimizer=PyTorchAdamConfig(3e-4, 0.5, 0.9),
        discriminator_optimizer=PyTorchAdamConfig(3e-4, 0.5, 0.9),
        batch_size=batch_size,
        epochs=300,
        ema=0.99,
        name=name,
    )


WGAN_GP_128 = WGANGPConfig(image_shape=(128, 128, 3), ngf=32, ndf=16, use_bias=True)

for _entry in (
    _experiment("wgan-gp64", WGANGPConfig(), 32),
    _experiment("wgan-gp128", WGAN_GP_128, 32),
):
    ARCHITECTURES.add(_entry.name, _entry)
