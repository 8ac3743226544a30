"""Class-conditional GAN with embedded labels (iut2023 §3.3.1): configuration."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdamConfig, DataConfig, Experiment, ModelConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class CGANConfig(ModelConfig):
    """Values of iut2023 §3.3.1; kernel of the last layer and dropout are not in the document."""

    image_shape: tuple[int, int, int] = (32, 32, 3)
    n_classes: int = 5
    embedding_dim: int = 50
    embedding_stddev: float | None = None  # of initial label vectors; None: Keras's ±0.05

    family = "cgan"
    labels = "required"

    def possible_sizes(self) -> tuple[int, ...]:
        return (28, 32, 64)

    def images_per_step(self, batch_size: int) -> int:
        """Half a batch: the discriminator sees one half-batch of reals and one of fakes."""
        return batch_size // 2

    def steps_per_epoch(self, n_images: int, batch_size: int) -> int:
        return max(1, n_images // batch_size)


ARCHITECTURES.add(
    "cgan",
    Experiment(
        data=DataConfig(source="phantom:fundus", steps=standard_steps((32, 32, 3))),
        # With the document's values the labels are hardly used in the first thousand updates.
        # Larger label vectors and a faster discriminator make them count; larger still (2 and
        # more) and training collapses. The averaged generator hides the jitter of small batches.
        model=CGANConfig(embedding_stddev=1.0),
        generator_optimizer=AdamConfig(3e-4, 0.5),
        discriminator_optimizer=AdamConfig(1e-3, 0.5),
        batch_size=24,
        epochs=50,
        ema=0.99,
        name="cgan",
    ),
)
