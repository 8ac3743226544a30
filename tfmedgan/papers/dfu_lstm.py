"""dfu-lstm: README "Generative-Adversarial-Networks-for-Skin-Disease-Analysis"."""

from collections.abc import Iterator
from dataclasses import replace

from tfmedgan.architectures.wgan_gp_lstm import WGANGPLSTMConfig
from tfmedgan.config import DataConfig, Experiment, PyTorchAdamConfig, ValidationConfig
from tfmedgan.data.chains import DFU_LSTM_GAN
from tfmedgan.papers import publish
from tfmedgan.papers.reported import ReportedFigure, Scale, Table, TableRow, tabulate

WGAN_GP_LSTM = Experiment(
    # tfmedgan-train --preset dfu-lstm/wgan-gp-lstm --data manifest:dfu-part-b:DIR
    # up to 200 epochs of 128×128 at batch 64; reported IS 7.10, FID 28, PSNR 35 dB, SSIM 0.85
    paper="dfu-lstm",
    data=DataConfig(source="manifest:dfu-part-b", steps=DFU_LSTM_GAN, fractions=(0.70, 0.15, 0.15)),
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

UNSAID = "which features, which images and how many the document's figure has is not said"
NO_PAIRS = (
    "generated images have no real partners, and how the document paired them is not said; beside "
    "it stands one image against all, which says nothing about quality"
)
ONE_DOMAIN = "an Inception Score depends on the classifier, which is not said"
WHICH_HYBRID = (
    "which of the three hybrids has the figures is not said, and recall 0.89 beside TPR 0.87 "
    "cannot be of one test set"
)
GENERATION = {
    "inception_score": (7.10, ONE_DOMAIN),
    "fid": (28, UNSAID),
    "iut2023_one_vs_all_psnr": (35, NO_PAIRS),
    "iut2023_one_vs_all_ssim": (0.85, NO_PAIRS),
}
CLASSIFICATION = {
    "accuracy": 0.87, "precision": 0.88, "recall": 0.89, "f1": 0.885, "auroc": 0.93, "tpr": 0.87,
    "fpr": 0.13,
}  # fmt: skip
SCALES = {
    "smoke": Scale(
        source="phantom:foot:60:0", fractions=(0.6, 0.2, 0.2),
        sizes={128: 64}, width=0.0625, batch_size=16, critic_steps=1, epochs=0.005,
        validation=ValidationConfig(every=1, images=20), fakes=24, seeds=2,
    ),
    "small": Scale(
        source="manifest:fuseg", sizes={128: 64}, width=0.5, batch_size=32, epochs=0.1,
        validation=ValidationConfig(every=5, images=100, patience=10, loss_patience=15),
        fakes=250, seeds=3,
    ),
    "paper": Scale(),
}  # fmt: skip
CLASSIFIER_SCALES = {
    "smoke": replace(SCALES["smoke"], classifier_size=64, classifier_epochs=1, seeds=1),
    "small": replace(SCALES["small"], classifier_size=64, classifier_epochs=20),
    "paper": Scale(fractions=(0.70, 0.15, 0.15)),
}


def _generated() -> Iterator[ReportedFigure]:
    for metric, (value, reason) in GENERATION.items():
        yield ReportedFigure(metric, value, "results", not_comparable=reason)


def _hybrid(name: str, classifier: str) -> TableRow:
    reported = (
        ReportedFigure(metric, value, "results, classification", not_comparable=WHICH_HYBRID)
        for metric, value in CLASSIFICATION.items()
    )
    return TableRow(name, reported=tuple(reported), classifier=classifier)


tabulate(
    Table(
        "dfu-lstm/generation",
        "Inception Score, FID, PSNR and SSIM",
        "synthesis",
        (TableRow("WGAN-GP + LSTM", "dfu-lstm/wgan-gp-lstm", tuple(_generated())),),
        (*GENERATION, "kid"),
        SCALES,
        question="How good are its images?",
    ),
    Table(
        "dfu-lstm/classification",
        "Three hybrid classifiers",
        "classification",
        (
            _hybrid("wgan-gp-lstm", "critic-lstm"),
            _hybrid("efficientnetv2s-lstm", "efficientnetv2s-lstm"),
            _hybrid("efficientnetv2m-lstm", "efficientnetv2m-lstm"),
        ),
        (*CLASSIFICATION, "ece_before", "ece"),
        CLASSIFIER_SCALES,
        classes=(("not infected", "infected"), ("no infection", "infection")),
        generators=(("critic", "dfu-lstm/wgan-gp-lstm"),),
        question="How well do its classifiers tell infected feet?",
    ),
)
