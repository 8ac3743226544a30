"""WGAN-GP whose generator begins with an LSTM (dfu-lstm): configuration."""

from dataclasses import dataclass

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class WGANGPLSTMConfig(WGANGPConfig):
    """Values of dfu-lstm; the widths of convolutions are not in the document."""

    image_shape: tuple[int, int, int] = (128, 128, 3)
    ngf: int = 32
    ndf: int = 16
    use_bias: bool = True
    lstm_units: int = 256
    lstm_layers: int = 2
    lstm_dropout: float = 0.3

    family = "wgan_gp_lstm"

    def possible_sizes(self) -> tuple[int, ...]:
        return (64, 128, 256)


ARCHITECTURES.add(
    "wgan-gp-lstm",
    Experiment(
        data=DataConfig(source="phantom:foot", steps=standard_steps((128, 128, 3))),
        model=WGANGPLSTMConfig(),
        generator_optimizer=PyTorchAdamConfig(3e-4, 0.5, 0.9),
        discriminator_optimizer=PyTorchAdamConfig(3e-4, 0.5, 0.9),
        batch_size=32,
        epochs=300,
        ema=0.99,
        name="wgan-gp-lstm",
    ),
)
