"""DCGAN of 4×4 convolutions, with labels or without, and its variant with one 16×16 kernel."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import DataConfig, DiffAugment, Experiment, ModelConfig, PyTorchAdamConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.errors import require, require_known
from tfmedgan.serialization import configuration

LOSSES = ("non_saturating", "least_squares", "hinge", "relativistic")


@configuration
@dataclass(frozen=True)
class DCGAN64Config(ModelConfig):
    """Values of dfu-dcgan and vuw-covid; the initialisation is that of Radford et al. 2016."""

    image_shape: tuple[int, int, int] = (64, 64, 3)
    ngf: int = 64  # filters of the generator's last hidden layer
    ndf: int = 64  # filters of the discriminator's first layer
    loss: str = "non_saturating"  # one of LOSSES

    family = "dcgan64"
    outer_stride = 2  # of the layer at the image: its scale

    def __post_init__(self) -> None:
        super().__post_init__()
        self.require_least(1, "ngf", "ndf")
        require(
            self.loss != "wasserstein",
            f"loss is wasserstein, whose critic must be kept Lipschitz, which {self.family} does "
            "not; take wgan-gp64, which has a gradient penalty",
        )
        require_known("unknown loss", self.loss, LOSSES)

    def possible_sizes(self) -> tuple[int, ...]:
        return (32, 64, 128, 256)


@configuration
@dataclass(frozen=True)
class CGAN64Config(DCGAN64Config):
    """The conditional form (aims2023); how the label enters is not in the document."""

    n_classes: int = 10
    label_dim: int = 100  # length of the label's vector beside z

    labels = "required"


@configuration
@dataclass(frozen=True)
class DCGANK16Config(DCGAN64Config):
    """The modified DCGAN of iut2023: 16×16 kernels of stride 4 at the image."""

    image_shape: tuple[int, int, int] = (128, 128, 3)

    outer_stride = 4

    def possible_sizes(self) -> tuple[int, ...]:
        return (64, 128, 256)


def _experiment(name: str, model: DCGAN64Config, source: str, batch_size: int) -> Experiment:
    return Experiment(
        data=DataConfig(source=source, steps=standard_steps(model.image_shape)),
        model=model,
        generator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
        discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
        batch_size=batch_size,
        epochs=100,
        ema=0.99,
        augment=DiffAugment(),
        name=name,
    )


for _entry in (
    _experiment("dcgan64", DCGAN64Config(), "phantom:foot", 32),
    _experiment("cgan64", CGAN64Config(n_classes=2), "phantom:chest", 32),
    _experiment("dcgan-k16", DCGANK16Config(), "phantom:fundus", 32),
):
    ARCHITECTURES.add(_entry.name, _entry)
