"""skandarani2021: "GANs for Medical Image Synthesis: An Empirical Study".

Y. Skandarani, P.-M. Jodoin, A. Lalande.
"""

from collections.abc import Iterator
from dataclasses import replace

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.architectures.dcgan64 import DCGAN64Config
from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.steps import standard_steps
from tfmedgan.downstream.config import CLASSICAL, REAL, added, alone, drawn_by_unet
from tfmedgan.papers import publish
from tfmedgan.papers.reported import ReportedFigure, Scale, Table, TableRow, tabulate

PAIR = (64, 64, 4)  # RGB and the mask
UNSTATED = (
    "how the masks of generated images were made",
    "image size, widths, optimizers, batch size and length of training, as far as could be read",
    "the features behind FID, and how many images it compares",
    "width and training of the U-Net",
)
OTHER_IMAGES = (
    "photographs of foot ulcers with wound masks (fuseg), where the document has cine-MRI of the "
    "heart (ACDC), CT of the liver (SLIVER07) and photographs of the retina"
)
OWN_MASKS = (
    "the mask is one more channel of generator and discriminator, cut at 0; beside it a generator "
    "of images alone, whose masks a U-Net draws that learned from real images"
)
DCGAN = Experiment(
    # tfmedgan-train --preset skandarani2021/dcgan --data manifest:fuseg:DIR
    paper="skandarani2021, generators",
    data=DataConfig(source="manifest:fuseg", steps=standard_steps(PAIR), masks=True),
    model=DCGAN64Config(image_shape=PAIR),
    generator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    batch_size=64,
    epochs=400,
    unstated=UNSTATED,
    deviations=(OTHER_IMAGES, OWN_MASKS, "SPADE and StyleGAN are left out"),
)
LSGAN = replace(DCGAN, model=DCGAN64Config(image_shape=PAIR, loss="least_squares"))
HINGE = replace(DCGAN, model=DCGAN64Config(image_shape=PAIR, loss="hinge"))
WGAN_GP = replace(
    DCGAN,
    model=WGANGPConfig(image_shape=PAIR),
    generator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    discriminator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
)
RGAN = replace(
    # this toolkit's recommendation for few images, to see whether a better KID helps
    ARCHITECTURES["rgan"],
    paper="skandarani2021, beside its generators",
    data=DCGAN.data,
    model=replace(ARCHITECTURES["rgan"].model, image_shape=PAIR),
    epochs=300,
    unstated=UNSTATED,
    deviations=(*DCGAN.deviations, "rgan is this toolkit's and not of the document"),
)
publish(
    "skandarani2021",
    {"dcgan": DCGAN, "lsgan": LSGAN, "hinge": HINGE, "wgan-gp": WGAN_GP, "rgan": RGAN},
)

GENERATORS = {
    "DCGAN": "dcgan", "LSGAN": "lsgan", "hinge GAN": "hinge", "WGAN-GP": "wgan-gp", "rgan": "rgan",
}  # fmt: skip
NOT_HERE = "another generator on other images, with features that are not said"
REPORTED = {"StyleGAN on ACDC": 24.74, "StyleGAN on SLIVER07": 29.06}
SCALES = {
    "smoke": Scale(
        source="phantom:foot:30:0", fractions=(0.5, 0.2, 0.3), sizes={64: 32}, width=0.0625,
        batch_size=8, critic_steps=1, kimg=0.01, one_generator=True, unet_width=4, unet_depth=2,
        unet_epochs=1,
        fakes=24, seeds=1,
    ),
    "small": Scale(
        width=0.5, batch_size=32, at_most=300, kimg=40.0, one_generator=True,
        unet_width=8, unet_epochs=25, fakes=200,
    ),
    "paper": Scale(),
}  # fmt: skip


def _rows() -> Iterator[TableRow]:
    yield TableRow(REAL)
    yield TableRow(CLASSICAL)
    for name in GENERATORS:
        for arm in (added(name), alone(name), alone(drawn_by_unet(name))):
            yield TableRow(arm)
    for name, fid in REPORTED.items():
        yield TableRow(name, reported=(ReportedFigure("fid", fid, "FID", not_comparable=NOT_HERE),))


tabulate(
    Table(
        "skandarani2021/segmentation",
        "A U-Net trained on generated images with masks",
        "segmentation",
        tuple(_rows()),
        ("dice", "iou", "hd95", "kid", "fid"),
        SCALES,
        baseline=REAL,
        compared=("dice", "iou", "hd95"),
        question="Can a segmentation learn from generated images with masks?",
        note="Differences are from real images alone, resampled over test images and seeds "
        "together; their intervals hold for all rows of the table at once. Test and validation "
        "images are real in every row. The document concludes that good FID does not make images "
        "that a segmentation learns as much from: look at Dice against KID.",
        generators=tuple((name, f"skandarani2021/{p}") for name, p in GENERATORS.items()),
    )
)
