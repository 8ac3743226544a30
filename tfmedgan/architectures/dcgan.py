"""Sequential DCGAN for 28×28 images (iut2023 §3.3.2): configuration."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdamConfig, DataConfig, Experiment, ModelConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.serialization import configuration


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
        # The document's optimizers (1e-4, β1 0.9) swing between many shapes and one.
        generator_optimizer=AdamConfig(2e-4, 0.5),
        discriminator_optimizer=AdamConfig(2e-4, 0.5),
        batch_size=32,
        epochs=50,
        ema=0.99,
        name="dcgan",
    ),
)
