"""vuw-covid, its tables: what they report, and how they are measured again."""

from collections.abc import Mapping
from dataclasses import replace

from tfmedgan.papers.reported import (
    DOWNSTREAM_NOTE,
    ReportedFigure,
    Scale,
    Table,
    TableRow,
    arm_rows,
    tabulate,
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
    source="phantom:chest:80:0", fractions=(0.75, 0.0, 0.25),
    sizes={128: 64, 64: 32}, width=0.125, batch_size=10, critic_steps=1,
    images=1 / 50, epochs=1 / 50, model={"epoch_images": 40}, fakes=24, seeds=2,
)  # fmt: skip
SMALL = Scale(  # 166, 333 and 500 images where the document has 1,000, 2,000 and 3,000
    source="manifest:covid-xray3", fractions=(0.8, 0.0, 0.2),
    sizes={128: 64, 64: 32}, batch_size=32, images=1 / 6, fakes=250, seeds=3,
)  # fmt: skip
SCALES = {"smoke": SMOKE, "small": SMALL, "paper": Scale()}
SCALES_2 = SCALES | {"small": replace(SMALL, minutes="28")}
SCALES_3 = SCALES | {"small": replace(SMALL, epochs=0.4, minutes="24")}
SCALES_5 = SCALES | {"small": replace(SMALL, sizes={}, width=0.25, epochs=0.3, minutes="23")}
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


def _fid(value: float, where: str) -> ReportedFigure:
    return ReportedFigure("fid", value, where, not_comparable=FID_UNSAID)


def _rows(where: str, preset: str, figures: Mapping[str, float]) -> tuple[TableRow, ...]:
    """A row for each label, whose preset ends in it, with its FID."""
    return tuple(
        TableRow(label, f"vuw-covid/{preset}{label.lower()}", (_fid(fid, where),))
        for label, fid in figures.items()
    )


def _table(
    name: str,
    title: str,
    baseline: str,
    rows: tuple[TableRow, ...],
    question: str,
    scales: dict[str, Scale] = SCALES,
    note: str = "",
) -> Table:
    return Table(
        f"vuw-covid/{name}", title, "synthesis", rows, SYNTHESIS, scales, baseline,
        compared=("kid", "fid"), classes=CLASSES, question=question, note=note,
    )  # fmt: skip


def _classified(*figures: float) -> tuple[ReportedFigure, ...]:
    names = ("accuracy", "recall", "precision", "f1", "false_negatives")
    reason = (
        "no arm without synthetic images, and whether the test set holds synthetic ones is not said"
    )
    return tuple(
        ReportedFigure(name, value, "Table 6", not_comparable=reason)
        for name, value in zip(names, figures, strict=True)
    )


IMAGES = {"1000": 960, "2000": 949, "3000": 941}
NOISE = {"0": 960, "0.01": 1031, "0.1": 1242, "0.5": 1181, "1": 1121}
EPOCHS = {"50": 960, "100": 1062, "300": 640, "500": 612, "700": 619}
SIZES = {"128": 960, "64": 696}
NETWORKS = {"WGAN-GP": 110, "DCGAN": 155}
RGAN = "vuw-covid/table5-rgan"
GENERATORS = {
    "WGAN-GP": "vuw-covid/table5-wgan-gp",
    "DCGAN": "vuw-covid/table5-dcgan",
    "rgan": RGAN,
}
GREY = tuple(
    TableRow(f"{label}, made grey", preset, made_grey=True) for label, preset in GENERATORS.items()
)
TINT = (
    'The X-rays are grey, and the networks make three channels: rows "made grey" are the same '
    "images with the mean of the channels. A tint of few grey levels is hardly seen, and "
    "Inception's features take it for much."
)
NOT_OF_THE_DOCUMENT = "rgan is this toolkit's own network and not of the document."
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
        "Do more training images help?",
        note="More images also make more updates in as many epochs, in the document as here.",
    ),
    _table(
        "2", "Noise factor", "0", _rows("Table 2", "table2-noise-", NOISE),
        "Does noise on the generator's input help?", SCALES_2, FEW_UPDATES,
    ),
    _table(
        "3", "Epochs", "50", _rows("Table 3", "table3-epochs-", EPOCHS),
        "Do more epochs help?", SCALES_3,
        "The rows of a seed are one training, looked at after so many epochs; as training repeats "
        "bit for bit, that equals separate trainings.",
    ),
    _table(
        "4", "Image size", "128", _rows("Table 4", "table4-size-", SIZES),
        "Are small images easier?",
        note=f"The rows have different references, the real images at either size. {FEW_UPDATES}",
    ),
    _table(
        "5", "WGAN-GP and DCGAN at 64×64", "DCGAN",
        (*_rows("Table 5", "table5-", NETWORKS), TableRow("rgan", RGAN), *GREY),
        "Is a WGAN-GP better than a DCGAN?", SCALES_5, f"{NOT_OF_THE_DOCUMENT} {TINT}",
    ),
    _table(
        "normalisation", "Images normalised to [-1, 1] or not", "not normalised", RANGES,
        "May images be left in [0, 1]?",
        note=f"What the critic sees differs here; what is measured has one range. {FEW_UPDATES}",
    ),
    Table(
        "vuw-covid/6",
        "Classifier with synthetic images",
        "downstream",
        arm_rows(CLASSIFIED | {"rgan": ()}),
        ("accuracy", "balanced_accuracy", "recall", "precision", "f1", "auroc", "auprc", "brier",
         "ece_before", "ece", "false_negatives"),
        SCALES_6,
        baseline="real",
        compared=("auroc", "balanced_accuracy", "f1"),
        classes=(("Normal", "COVID"), ("No_findings", "Covid-19"), ("normal", "pneumonia")),
        question="Do generated X-rays help a classifier?",
        note=f"{DOWNSTREAM_NOTE} {NOT_OF_THE_DOCUMENT}",
        classifier="densenet161",
        generators=tuple(GENERATORS.items()),
    ),
)  # fmt: skip
