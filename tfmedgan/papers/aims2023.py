"""aims2023: "Conditional Image Generation with GANs for Biomedical Data Augmentation".

M. Salomon, AIMS Senegal, April 2023.
"""

from dataclasses import replace

from tfmedgan.architectures.dcgan64 import CGAN64Config
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.chains import AIMS2023_CELEBA, AIMS2023_MNIST
from tfmedgan.papers import publish
from tfmedgan.papers.reported import LOSS_CURVE, Scale, Table, TableRow, tabulate

CGAN64_MNIST = Experiment(
    # tfmedgan-train --preset aims2023/cgan64-mnist --data manifest:mnist:DIR
    # 60,000 images of 64×64, 468 updates of batch 128 an epoch: hours on two cores
    paper="aims2023, MNIST",
    data=DataConfig(source="manifest:mnist", steps=AIMS2023_MNIST),
    model=CGAN64Config(image_shape=(64, 64, 1), latent_dim=100, n_classes=10),
    generator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    batch_size=128,
    epochs=5,
    unstated=(
        "how the label enters: a vector beside z, a plane on top of the image",
        "label_dim (100)",
        "learning rate and betas of Adam: those of Radford et al. 2016",
        "batch_size",
        "epochs",
        "latent_dim, ngf and ndf",
        "labels of generated images: uniform",
    ),
    deviations=("full batches only: what is left of a pass comes first in the next",),
)

CGAN64_CELEBA = replace(
    CGAN64_MNIST,
    # tfmedgan-train --preset aims2023/cgan64-celeba --data manifest:celeba:DIR
    # two classes of one attribute, e.g. Smiling
    paper="aims2023, CelebA",
    data=DataConfig(source="manifest:celeba", steps=AIMS2023_CELEBA),
    model=CGAN64Config(image_shape=(64, 64, 3), latent_dim=100, n_classes=2),
    unstated=(*CGAN64_MNIST.unstated, "which attribute: Smiling"),
)

publish("aims2023", {"cgan64-mnist": CGAN64_MNIST, "cgan64-celeba": CGAN64_CELEBA})

tabulate(
    Table(
        "aims2023/course",
        "Course of Loss_D, Loss_G, D(x) and D(G(z)) on MNIST",
        "training_curve",
        tuple(TableRow(f"epoch {n}", "aims2023/cgan64-mnist", epoch=n) for n in range(1, 6)),
        LOSS_CURVE,
        {
            "smoke": Scale(
                source="phantom:chest:32:0", fractions=(0.75, 0.0, 0.25),
                sizes={64: 32}, width=0.125, batch_size=16, seeds=2,
            ),
            "small": Scale(source="manifest:mnist", width=0.25, at_most=2560, seeds=3),
            "paper": Scale(),
        },
        question="How do the losses go while it learns digits?",
        note="The thesis shows the course of these quantities; no figures of it are recorded here, "
        "so that nothing stands beside the measured ones.",
    )
)  # fmt: skip
