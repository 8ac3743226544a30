"""dfu-dcgan: "GAN Model for Medical Image Generation: DFU Dataset Analysis"."""

from dataclasses import replace

from tfmedgan.architectures.dcgan64 import DCGAN64Config
from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.chains import DFU_DCGAN
from tfmedgan.papers import publish
from tfmedgan.papers.reported import (
    DOWNSTREAM_NOTE,
    LOSS_CURVE,
    ReportedFigure,
    Scale,
    Table,
    TableRow,
    arm_rows,
    tabulate,
)

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

EPOCHS = (  # as printed, in the order of LOSS_CURVE
    (0.0447, 8.1997, 0.9656, 0.0002, 0.0003),
    (0.0550, 8.3065, 0.9506, 0.0002, 0.0003),
    (0.9907, 4.9008, 0.8769, 0.4845, 0.0103),
    (0.6607, 2.2563, 0.8695, 0.3883, 0.1205),
    (2.5532, 5.0203, 0.9861, 0.8504, 0.0097),
    (1.6327, 3.4366, 0.9154, 0.7073, 0.0429),
    (0.4198, 2.1837, 0.7569, 0.0983, 0.1312),
)
ONE_BATCH = "the document prints what one batch gave, of one run; the log has the mean of the epoch"
WHICH_F1 = (
    "which precision and F1 is not said: of the generator (improved precision and recall: table "
    "f1) or of a classifier (table classifier)"
)
FIGURES = (
    ReportedFigure("f1", 0.68, "results", not_comparable=WHICH_F1),
    ReportedFigure("precision", 0.62, "results", not_comparable=WHICH_F1),
)
SCALES = {
    "smoke": Scale(
        source="phantom:foot:60:0", fractions=(0.6, 0.2, 0.2),
        sizes={64: 32}, width=0.125, batch_size=24, epochs=0.15, fakes=24, seeds=2,
    ),
    "small": Scale(source="manifest:fuseg", width=0.25, fakes=250, seeds=3),
    "paper": Scale(),
}  # fmt: skip
COURSE_SCALES = SCALES | {"smoke": replace(SCALES["smoke"], epochs=1.0)}
CLASSIFIER_SCALES = {
    "smoke": replace(
        SCALES["smoke"], source="phantom:foot:40:0", fractions=(0.5, 0.2, 0.3), epochs=0.001,
        classifier_size=32, classifier_epochs=3, seeds=1,
    ),
    "small": replace(SCALES["small"], fractions=(0.6, 0.15, 0.25), epochs=0.1, seeds=5),
    "paper": Scale(seeds=5),
}  # fmt: skip


def _epoch(number: int, figures: tuple[float, ...]) -> TableRow:
    where = f"table of epochs, epoch {number}"
    reported = tuple(
        ReportedFigure(name, value, where, not_comparable=ONE_BATCH)
        for name, value in zip(LOSS_CURVE, figures, strict=True)
    )
    return TableRow(f"epoch {number}", "dfu-dcgan/dcgan64", reported, epoch=number + 1)


tabulate(
    Table(
        "dfu-dcgan/epochs",
        "Loss, D(x) and D(G(z)) of the first epochs",
        "training_curve",
        tuple(_epoch(number, figures) for number, figures in enumerate(EPOCHS)),
        LOSS_CURVE,
        COURSE_SCALES,
        question="How do the first epochs go?",
        note="The document counts epochs from 0. D(G(z)) of 0.0002 is a discriminator that wins, "
        "not a generator that learns.",
    ),
    Table(
        "dfu-dcgan/f1",
        "F1 and precision of the generator",
        "synthesis",
        (TableRow("DCGAN", "dfu-dcgan/dcgan64", FIGURES),),
        ("precision", "recall", "f1", "kid", "fid", "coverage"),
        SCALES,
        question="How many of the generated images pass for real, and how many kinds are there?",
    ),
    Table(
        "dfu-dcgan/classifier",
        "F1 and precision of a classifier",
        "downstream",
        arm_rows({"DCGAN": FIGURES}),
        ("precision", "recall", "f1", "accuracy", "auroc", "brier", "ece_before", "ece"),
        CLASSIFIER_SCALES,
        baseline="real",
        compared=("auroc", "f1"),
        classes=(("not infected", "infected"), ("no infection", "infection")),
        question="Do generated images help a classifier of infected feet?",
        note=DOWNSTREAM_NOTE,
        classifier="small-cnn",
        generators=(("DCGAN", "dfu-dcgan/dcgan64"),),
    ),
)
