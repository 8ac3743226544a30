"""Sequential DCGAN for 28×28 images (iut2023 §3.3.2): configuration."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdamConfig, DataConfig, Experiment, ModelConfig, configuration
from tfmedgan.data.steps import standard_steps


@configuration
@dataclass(frozen=True)
class DCGANConfig(ModelConfig):
    """Values of iut2023 §3.3.2."""

    image_shape: tuple[int, int, int] = (28, 28, 1)

    family = "dcgan"

    def possible_sizes(self) -> tuple[int, ...]:
        return (28, 32, 64)


ARCHITECTURES.add(
    "dcgan",
    Experiment(
        data=DataConfig(source="phantom:fundus", steps=standard_steps((28, 28, 1))),
        model=DCGANConfig(),
        generator_optimizer=AdamConfig(1e-4, 0.9),
        discriminator_optimizer=AdamConfig(1e-4, 0.9),
        batch_size=64,
        epochs=100,
        name="dcgan",
    ),
)
