"""A trained critic below an LSTM, a hybrid of dfu-lstm: configuration."""

from dataclasses import dataclass

from tfmedgan.classifiers.catalogue import publish
from tfmedgan.classifiers.catalogue.efficientnet_lstm import HYBRID, STEPS
from tfmedgan.classifiers.config import SequenceConfig
from tfmedgan.data.steps import adapted
from tfmedgan.serialization import configuration


@configuration
@dataclass(frozen=True)
class CriticLSTMConfig(SequenceConfig):
    """The last feature map of a trained WGAN-GP critic below the LSTM."""

    critic: str = ""  # run directory of the trained GAN
    fine_tune: bool = False  # train the critic's layers, too

    family = "critic_lstm"


publish(
    "critic-lstm",
    CriticLSTMConfig((128, 128, 3)),
    adapted(STEPS, (128, 128, 3)),
    deviations=("128×128, the size of the critic, instead of 256×256",),
    **HYBRID,
)
