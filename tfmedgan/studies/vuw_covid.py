"""vuw-covid: "Generating COVID-19 chest X-ray images using DCGAN and WGAN-GP".

H. Nguyen, Victoria University of Wellington.
"""

from dataclasses import replace

from tfmedgan.architectures.dcgan64 import DCGAN64Config
from tfmedgan.architectures.wgan_gp import WGANGPConfig
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.chains import VUW_COVID_64, VUW_COVID_128
from tfmedgan.studies import publish
from tfmedgan.studies.claims import (
    DOWNSTREAM_NOTE,
    Claim,
    Scale,
    Table,
    TableRow,
    arm_rows,
    tabulate,
)

BASE_128 = Experiment(
    # tfmedgan-train --preset vuw-covid/base-128 --data manifest:covid19-radiography:DIR
    # 1,000 images of 128×128, 50 epochs: 50 generator updates of batch 128; reported FID 960
    paper="vuw-covid, the row that Tables 1–4 share",
    data=DataConfig(
        source="manifest:covid19-radiography",
        steps=VUW_COVID_128,
        classes=("COVID",),
        images=1000,
        fractions=(0.85, 0.075, 0.075),  # so that Table 1 finds its 3,000 for training
    ),
    model=WGANGPConfig(
        image_shape=(128, 128, 3),
        latent_dim=100,
        ngf=32,
        ndf=16,
        use_bias=True,
        critic_steps=5,  # n_critic
        penalty_weight=10.0,  # λ
        critic_range=(0.0, 1.0),  # "not normalised"
    ),
    generator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    discriminator_optimizer=PyTorchAdamConfig(1e-4, 0.5, 0.9),
    batch_size=128,
    epochs=50,
    unstated=(
        "critic_steps",
        "generator_optimizer and discriminator_optimizer",
        "initialisation: N(0, 0.02)",
        "fresh_reals: a new batch for each critic update, as in Gulrajani et al. 2017",
        "CLAHE's clip limit (2.0) and tiles (8×8)",
        "batch_size of Tables 1–4: that of Table 5",
    ),
    deviations=(
        '"not normalised" means that the critic sees images in [0, 1], real and generated alike; '
        "in the document reals in [0, 1] seem to have met fakes in [-1, 1]",
        "15 % of the images are held out for validation and test",
        "full batches only: what is left of a pass comes first in the next",
    ),
)

NORMALISED_128 = replace(
    BASE_128,
    # reported FID 1336, where the base row has 960
    paper="vuw-covid, comparison of normalising",
    model=replace(BASE_128.model, critic_range=(-1.0, 1.0)),
    deviations=BASE_128.deviations[1:],
)

WGAN_GP_64 = replace(
    BASE_128,
    # tfmedgan-train --preset vuw-covid/table5-wgan-gp --data manifest:covid19-radiography:DIR
    # 2,000 images of 64×64, 500 epochs: 1,500 generator updates; reported FID 110
    paper="vuw-covid, Table 5",
    data=replace(BASE_128.data, steps=VUW_COVID_64, images=2000),
    model=WGANGPConfig(image_shape=(64, 64, 3), latent_dim=100, critic_steps=5),
    epochs=500,
    unstated=BASE_128.unstated[:-1],
    deviations=BASE_128.deviations[1:],
)

DCGAN_64 = Experiment(
    # tfmedgan-train --preset vuw-covid/table5-dcgan --data manifest:covid19-radiography:DIR
    # 2,000 images of 64×64, 500 epochs: 7,500 updates of batch 128; reported FID 155
    paper="vuw-covid, Table 5",
    data=WGAN_GP_64.data,
    model=DCGAN64Config(image_shape=(64, 64, 3), latent_dim=100),
    generator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    batch_size=128,
    epochs=500,
    unstated=("CLAHE's clip limit (2.0) and tiles (8×8)", "the range of the images, [-1, 1]"),
    deviations=BASE_128.deviations[1:],
)


def _with_images(count: int) -> Experiment:
    data = replace(BASE_128.data, images=count)
    return replace(BASE_128, paper="vuw-covid, Table 1", data=data)


def _with_noise(factor: float) -> Experiment:
    model = replace(BASE_128.model, noise_factor=factor)
    return replace(BASE_128, paper="vuw-covid, Table 2", model=model)


def _with_epochs(epochs: int) -> Experiment:
    return replace(BASE_128, paper="vuw-covid, Table 3", epochs=epochs)


TABLE_4_SIZE_64 = replace(
    WGAN_GP_64,
    # reported FID 696, where 128 px have 960
    paper="vuw-covid, Table 4",
    data=replace(BASE_128.data, steps=VUW_COVID_64),
    model=replace(WGAN_GP_64.model, critic_range=BASE_128.model.critic_range),
    epochs=BASE_128.epochs,
    unstated=BASE_128.unstated,
    deviations=BASE_128.deviations,
)

publish(
    "vuw-covid",
    {
        "base-128": BASE_128,
        "normalised-128": NORMALISED_128,
        **{f"table1-images-{n}": _with_images(n) for n in (1000, 2000, 3000)},
        **{f"table2-noise-{f:g}": _with_noise(f) for f in (0.0, 0.01, 0.1, 0.5, 1.0)},
        **{f"table3-epochs-{n}": _with_epochs(n) for n in (50, 100, 300, 500, 700)},
        "table4-size-128": replace(BASE_128, paper="vuw-covid, Table 4"),
        "table4-size-64": TABLE_4_SIZE_64,
        "table5-wgan-gp": WGAN_GP_64,
        "table5-dcgan": DCGAN_64,
    },
)

FID_UNSAID = (
    "the document does not say which network, how many images and which resizing its FID has; "
    "960 and 110 in one document are of two protocols"
)
FEW_UPDATES = (
    "In 50 epochs the generator has 50 updates, one for five batches of the critic (inferred): "
    "look at the samples before the figures."
)
NORMALISING = "comparison of normalising"
SYNTHESIS = ("kid", "fid", "precision", "recall", "coverage")
CLASSES = (("COVID",), ("Covid-19", "Pneumonia"), ("pneumonia",))

SMOKE = Scale(
    source="phantom:chest:80:0",
    fractions=(0.75, 0.0, 0.25),
    sizes={128: 64, 64: 32},
    width=0.125,
    batch_size=10,
    critic_steps=1,
    images=1 / 50,
    epochs=1 / 50,
    fakes=24,
    seeds=2,
)
SMALL = Scale(  # 166, 333 and 500 images where the document has 1,000, 2,000 and 3,000
    source="manifest:covid-xray3",
    fractions=(0.8, 0.0, 0.2),
    sizes={128: 64, 64: 32},
    batch_size=32,
    images=1 / 6,
    fakes=250,
    seeds=3,
)
SCALES = {"smoke": SMOKE, "small": SMALL, "paper": Scale()}
SCALES_3 = SCALES | {"small": replace(SMALL, epochs=0.4)}
SCALES_5 = SCALES | {"small": replace(SMALL, sizes={}, width=0.25, epochs=0.3)}
SCALES_6 = {
    "smoke": replace(
        SMOKE, source="phantom:chest:40:0", fractions=(0.5, 0.2, 0.3), epochs=0.001,
        classifier="small-cnn", classifier_size=32, classifier_epochs=3, seeds=1,
    ),
    "small": replace(
        SMALL, fractions=(0.6, 0.15, 0.25), sizes={}, width=0.25, epochs=0.06,
        classifier="small-cnn", classifier_size=64, classifier_epochs=40, seeds=5,
    ),
    "paper": Scale(seeds=5),
}  # fmt: skip


def _fid(value: float, where: str) -> Claim:
    return Claim("fid", value, where, not_comparable=FID_UNSAID)


def _rows(where: str, preset: str, figures: dict[str, float]) -> tuple[TableRow, ...]:
    """A row for each label, whose preset ends in it, with its FID."""
    return tuple(
        TableRow(label, f"vuw-covid/{preset}{label.lower()}", (_fid(fid, where),))
        for label, fid in figures.items()
    )


def _table(name: str, title: str, baseline: str, rows: tuple, scales=SCALES, note="") -> Table:
    return Table(
        f"vuw-covid/{name}", title, "synthesis", rows, SYNTHESIS, scales, baseline,
        compared=("kid", "fid"), classes=CLASSES, note=note,
    )  # fmt: skip


def _classified(*figures: float) -> tuple[Claim, ...]:
    names = ("accuracy", "recall", "precision", "f1", "false_negatives")
    reason = (
        "no arm without synthetic images, and whether the test set holds synthetic ones is not said"
    )
    return tuple(
        Claim(name, value, "Table 6", not_comparable=reason)
        for name, value in zip(names, figures, strict=True)
    )


IMAGES = {"1000": 960, "2000": 949, "3000": 941}
NOISE = {"0": 960, "0.01": 1031, "0.1": 1242, "0.5": 1181, "1": 1121}
EPOCHS = {"50": 960, "100": 1062, "300": 640, "500": 612, "700": 619}
SIZES = {"128": 960, "64": 696}
NETWORKS = {"WGAN-GP": 110, "DCGAN": 155}
CLASSIFIED = {
    "WGAN-GP": _classified(0.9948, 0.9973, 0.9928, 0.9951, 3),
    "DCGAN": _classified(0.9934, 0.9946, 0.9928, 0.9937, 6),
}
RANGES = (
    TableRow("not normalised", "vuw-covid/base-128", (_fid(960, NORMALISING),)),
    TableRow("normalised", "vuw-covid/normalised-128", (_fid(1336, NORMALISING),)),
)

tabulate(
    _table(
        "1", "Number of training images", "1000", _rows("Table 1", "table1-images-", IMAGES),
        note="More images also make more updates in as many epochs, in the document as here.",
    ),
    _table("2", "Noise factor", "0", _rows("Table 2", "table2-noise-", NOISE), note=FEW_UPDATES),
    _table(
        "3", "Epochs", "50", _rows("Table 3", "table3-epochs-", EPOCHS), SCALES_3,
        "The rows of a seed are one training, looked at after so many epochs; as training repeats "
        "bit for bit, that equals separate trainings.",
    ),
    _table(
        "4", "Image size", "128", _rows("Table 4", "table4-size-", SIZES),
        note=f"The rows have different references, the real images at either size. {FEW_UPDATES}",
    ),
    _table(
        "5", "WGAN-GP and DCGAN at 64×64", "DCGAN", _rows("Table 5", "table5-", NETWORKS), SCALES_5
    ),
    _table(
        "normalisation", "Images normalised to [-1, 1] or not", "not normalised", RANGES,
        note=f"What the critic sees differs here; what is measured has one range. {FEW_UPDATES}",
    ),
    Table(
        "vuw-covid/6",
        "Classifier with synthetic images",
        "downstream",
        arm_rows(CLASSIFIED),
        ("accuracy", "balanced_accuracy", "recall", "precision", "f1", "auroc", "auprc", "brier",
         "ece_before", "ece", "false_negatives"),
        SCALES_6,
        baseline="real",
        compared=("auroc", "balanced_accuracy", "f1"),
        classes=(("Normal", "COVID"), ("No_findings", "Covid-19"), ("normal", "pneumonia")),
        note=DOWNSTREAM_NOTE,
        classifier="densenet161",
        generators=(
            ("WGAN-GP", "vuw-covid/table5-wgan-gp"), ("DCGAN", "vuw-covid/table5-dcgan"),
        ),
    ),
)  # fmt: skip
