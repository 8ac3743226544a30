"""iut2023: "Medical Image Synthesis using Generative Adversarial Network".

B.Sc. thesis, Islamic University of Technology, Dhaka, 4 June 2023 (Risha, Islam, Tahsin).
"""

from dataclasses import replace

from tfmedgan.architectures.cgan import CGANConfig
from tfmedgan.architectures.dcgan import DCGANConfig
from tfmedgan.architectures.dcgan64 import DCGANK16Config
from tfmedgan.config import AdamConfig, DataConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.chains import IUT2023_CGAN, IUT2023_DCGAN
from tfmedgan.data.steps import Rescale, Resize, ToRGB
from tfmedgan.papers import publish
from tfmedgan.papers.reported import LOSS_CURVE, ReportedFigure, Scale, Table, TableRow, tabulate

CGAN = Experiment(
    # tfmedgan-train --preset iut2023/cgan --data manifest:idrid:DIR
    # 413 images of 32×32, 300 steps: two to four minutes on two cores
    paper="iut2023 §3.3.1",
    data=DataConfig(source="manifest:idrid", steps=IUT2023_CGAN),
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
    data=DataConfig(source="manifest:idrid", steps=IUT2023_DCGAN),
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

DCGAN_K16 = Experiment(
    # tfmedgan-train --preset iut2023/dcgan-k16 --data manifest:idrid:DIR
    # 413 images of 128×128, 5 epochs: 15 updates of batch 128
    # reported Loss_D 2.27 to 0.13, Loss_G 2.36 to 6.88
    paper="iut2023, the modified DCGAN",
    data=DataConfig(
        source="manifest:idrid", steps=(ToRGB(), Resize(128, aspect="pad"), Rescale(-1, 1))
    ),
    model=DCGANK16Config(image_shape=(128, 128, 3), latent_dim=100),
    generator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    discriminator_optimizer=PyTorchAdamConfig(2e-4, 0.5),
    batch_size=128,
    epochs=5,
    unstated=(
        "both optimizers' betas and epsilon",
        "initialisation: N(0, 0.02), as in the DCGAN that it modifies",
        "how the aspect ratio is kept: black borders",
    ),
    deviations=(
        "padding of the 16×16 convolutions is 6: the printed 1 gives no valid size",
        "128 px: the printed list of layers makes 128×128, where the thesis says 64×64",
        "full batches only: what is left of a pass comes first in the next",
    ),
)

DCGAN_K16_64 = replace(
    DCGAN_K16,
    # tfmedgan-train --preset iut2023/dcgan-k16-64 --data manifest:idrid:DIR
    data=replace(DCGAN_K16.data, steps=(ToRGB(), Resize(64, aspect="pad"), Rescale(-1, 1))),
    model=DCGANK16Config(image_shape=(64, 64, 3), latent_dim=100),
    deviations=(
        DCGAN_K16.deviations[0],
        "64 px, as the thesis says, with one stage fewer than it lists",
        DCGAN_K16.deviations[2],
    ),
)

publish(
    "iut2023", {"cgan": CGAN, "dcgan": DCGAN, "dcgan-k16": DCGAN_K16, "dcgan-k16-64": DCGAN_K16_64}
)

ONE_BATCH = (
    "the thesis prints what one batch of 128 gave, the log has the mean of the epoch; which image "
    "size it had is not certain"
)
FEW_UPDATES = (
    "413 images in batches of 256 make 50 updates in 50 epochs, both unsaid: look at the samples."
)
K16_START = (2.2727, 2.3577, 0.2162, 0.4134, 0.1291)  # in the order of LOSS_CURVE
K16_END = (0.1340, 6.8828)
SIMILARITY = ("iut2023_one_vs_all_psnr", "iut2023_one_vs_all_ssim")
FIGURE_16 = (
    ReportedFigure(SIMILARITY[0], 16.444, "Figure 16, columns swapped there", tolerance=2.0),
    ReportedFigure(SIMILARITY[1], 0.516, "Figure 16, columns swapped there", tolerance=0.1),
)
SMOKE = Scale(
    source="phantom:fundus:24:0", fractions=(0.75, 0.0, 0.25),
    sizes={128: 64}, width=0.125, batch_size=16, epochs=0.08, fakes=30, seeds=2,
)  # fmt: skip
SCALES = {
    "smoke": SMOKE,
    "small": Scale(
        source="manifest:idrid", allow_missing=True, sizes={128: 64}, fakes=250, seeds=3
    ),
    "paper": Scale(),
}
GUPTA_SPLIT = (0.56, 0.10, 0.34)  # 66:34, and a tenth of all for calibration


def _progress(label: str, epoch: int, figures: tuple[float, ...]) -> TableRow:
    reported = tuple(
        ReportedFigure(
            name, value, f"progress of the modified DCGAN, {label}", not_comparable=ONE_BATCH
        )
        for name, value in zip(LOSS_CURVE, figures, strict=False)
    )
    return TableRow(label, "iut2023/dcgan-k16", reported, epoch)


def _generator_loss(epoch: int) -> TableRow:
    figure = ReportedFigure("g_loss", 0.765, "§3.3.2", tolerance=0.085, printed="0.68–0.85")
    return TableRow(f"epoch {epoch}", "iut2023/dcgan", (figure,), epoch)


tabulate(
    Table(
        "iut2023/losses",
        "Losses of the DCGAN",
        "training_curve",
        tuple(map(_generator_loss, (1, 25, 50))),
        LOSS_CURVE,
        SCALES,
        question="Where do the losses of its DCGAN stay?",
        note="The thesis gives a range for the whole training. D(x) and D(G(z)) are probabilities "
        f"also where the network ends in a logit. {FEW_UPDATES}",
    ),
    Table(
        "iut2023/similarity",
        "PSNR and SSIM of one generated image against all real ones",
        "synthesis",
        (
            TableRow("DCGAN 28×28", "iut2023/dcgan", FIGURE_16),
            TableRow("cGAN 32×32", "iut2023/cgan"),
        ),
        (*SIMILARITY, "kid", "fid", "precision", "recall"),
        SCALES,
        question="How like the real images is a generated one?",
        note="One image against unrelated ones: a high value is a sign of copying or of blur, not "
        f"of quality. The thesis gives no figures for the cGAN. Of the DCGAN, {FEW_UPDATES}",
    ),
    Table(
        "iut2023/k16",
        "Progress of the modified DCGAN",
        "training_curve",
        (_progress("first epoch", 1, K16_START), _progress("last epoch", 5, K16_END)),
        LOSS_CURVE,
        SCALES | {"smoke": replace(SMOKE, epochs=1.0)},
        question="How does its modified DCGAN learn?",
    ),
    Table(
        "iut2023/vgg19",
        "VGG19 features and a classical classifier (Gupta et al. 2019)",
        "classification",
        (TableRow("vgg19", classifier="vgg19"),),
        ("accuracy", "balanced_accuracy", "f1", "auroc"),
        {
            "smoke": replace(SMOKE, fractions=GUPTA_SPLIT, classifier_size=32),
            "small": replace(SCALES["small"], fractions=GUPTA_SPLIT, classifier_size=128),
            "paper": Scale(fractions=GUPTA_SPLIT),
        },
        question="Do features of photographs tell the grades of retinopathy?",
        note="§2.5.3 describes the work, 66:34 split; no figures of it are recorded here.",
    ),
)
