"""iut2023: "Medical Image Synthesis using Generative Adversarial Network".

B.Sc. thesis, Islamic University of Technology, Dhaka, 4 June 2023 (Risha, Islam, Tahsin).
"""

from tfmedgan.architectures.cgan import CGANConfig
from tfmedgan.architectures.dcgan import DCGANConfig
from tfmedgan.config import AdamConfig, DataConfig, Experiment
from tfmedgan.data.steps import Grayscale, Rescale, Resize, ToRGB
from tfmedgan.studies import publish

CGAN = Experiment(
    # tfmedgan-train --preset iut2023/cgan --data manifest:idrid:DIR
    # 413 images of 32×32, 300 steps: two to four minutes on two cores
    paper="iut2023 §3.3.1",
    data=DataConfig(
        source="manifest:idrid", steps=(ToRGB(), Resize(32, aspect="pad"), Rescale(-1, 1))
    ),
    model=CGANConfig(image_shape=(32, 32, 3), latent_dim=100, n_classes=5, embedding_dim=50),
    generator_optimizer=AdamConfig(2e-4, 0.5),
    discriminator_optimizer=AdamConfig(2e-4, 0.5),
    batch_size=128,
    epochs=100,
    unstated=(
        "batch_size, used as two half-batches of 64 by the discriminator",
        "epochs",
        "kernel of the generator's last layer (8) and dropout (0.4)",
        "Glorot initialisation",
        "the range of the images, [-1, 1]",
        "how the aspect ratio is kept: black borders",
    ),
)

DCGAN = Experiment(
    # tfmedgan-train --preset iut2023/dcgan --data manifest:idrid:DIR
    # 413 grey images of 28×28, 50 steps: under a minute on two cores
    paper="iut2023 §3.3.2",
    data=DataConfig(
        source="manifest:idrid", steps=(Grayscale(), Resize(28, aspect="pad"), Rescale(-1, 1))
    ),
    model=DCGANConfig(image_shape=(28, 28, 1), latent_dim=100),
    generator_optimizer=AdamConfig(1e-4, 0.9),
    discriminator_optimizer=AdamConfig(1e-4, 0.9),
    batch_size=256,
    epochs=50,
    unstated=("batch_size", "epochs", "both optimizers for this network", "initialisation"),
    deviations=(
        "images in [-1, 1] where the thesis says [0, 1], which a tanh generator cannot match",
        "full batches only: 413 images make one step an epoch, what is left over comes first "
        "in the next",
    ),
)

publish("iut2023", {"cgan": CGAN, "dcgan": DCGAN})
