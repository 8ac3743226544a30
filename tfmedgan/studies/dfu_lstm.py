"""dfu-lstm: README "Generative-Adversarial-Networks-for-Skin-Disease-Analysis"."""

from tfmedgan.architectures.wgan_gp_lstm import WGANGPLSTMConfig
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig, ValidationConfig
from tfmedgan.data.chains import DFU_LSTM_GAN
from tfmedgan.studies import publish

WGAN_GP_LSTM = Experiment(
    # tfmedgan-train --preset dfu-lstm/wgan-gp-lstm --data manifest:dfu-part-b:DIR
    # up to 200 epochs of 128×128 at batch 64; reported IS 7.10, FID 28, PSNR 35 dB, SSIM 0.85
    paper="dfu-lstm",
    data=DataConfig(
        source="manifest:dfu-part-b",
        steps=DFU_LSTM_GAN,
        fractions=(0.70, 0.15, 0.15),
    ),
    model=WGANGPLSTMConfig(
        image_shape=(128, 128, 3),
        latent_dim=100,
        lstm_units=256,
        lstm_layers=2,
        lstm_dropout=0.3,
        penalty_weight=10.0,  # λ
    ),
    generator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5, 0.9),
    batch_size=64,
    epochs=200,
    validation=ValidationConfig(every=1, patience=10, loss_patience=15),
    unstated=(
        "widths of the convolutions: those of the 128 px networks of vuw-covid",
        "z is repeated for each of 64 time steps",
        "critic_steps",
        "both Adam optimizers' betas and epsilon",
        "the features behind FID, and which images are generated for it",
        "the validation loss: the critic's loss without penalty, on validation images",
    ),
    deviations=(
        "augmented copies that the set holds are kept on one side of the split, with their "
        "originals",
        "full batches only: what is left of a pass comes first in the next",
    ),
)

publish("dfu-lstm", {"wgan-gp-lstm": WGAN_GP_LSTM})
