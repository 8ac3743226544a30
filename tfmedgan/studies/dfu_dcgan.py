"""dfu-dcgan: "GAN Model for Medical Image Generation: DFU Dataset Analysis"."""

from tfmedgan.architectures.dcgan64 import DCGAN64Config
from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.chains import DFU_DCGAN
from tfmedgan.studies import publish

FULL_BATCHES = "full batches only: what is left of a pass comes first in the next"

DCGAN64 = Experiment(
    # tfmedgan-train --preset dfu-dcgan/dcgan64 --data manifest:dfu-part-b:DIR
    # 65 epochs of 64×64 at batch 64
    # reported for its epochs 0 to 6: D(x) 0.97 to 0.76, D(G(z)) 0.0002 to 0.1
    paper="dfu-dcgan",
    data=DataConfig(source="manifest:dfu-part-b", steps=DFU_DCGAN),
    model=DCGAN64Config(image_shape=(64, 64, 3), latent_dim=100),
    generator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    batch_size=64,
    epochs=65,
    unstated=("which images of Part B: both classes",),
    deviations=(
        "augmented copies that the set holds are kept on one side of the split, with their "
        "originals",
        FULL_BATCHES,
    ),
)

WGAN_GP64 = Experiment(
    # tfmedgan-train --preset dfu-dcgan/wgan-gp64 --data manifest:dfu-part-b:DIR
    # 65 epochs of 64×64 at batch 64; the document names the switch and gives no figures
    paper="dfu-dcgan, the switch from DCGAN to WGAN-GP",
    data=DCGAN64.data,
    model=WGANGPConfig(image_shape=(64, 64, 3), latent_dim=100, critic_steps=5),
    generator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    discriminator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    batch_size=64,
    epochs=65,
    unstated=(
        "critic_steps",
        "generator_optimizer and discriminator_optimizer",
        "fresh_reals: a new batch for each critic update, as in Gulrajani et al. 2017",
        "batch_size and epochs: those of its DCGAN",
        *DCGAN64.unstated,
    ),
    deviations=DCGAN64.deviations,
)

publish("dfu-dcgan", {"dcgan64": DCGAN64, "wgan-gp64": WGAN_GP64})
