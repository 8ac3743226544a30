"""The options of tfmedgan-train."""

from dataclasses import dataclass
from pathlib import Path

from tfmedgan.cli.options import Reading, option, switch

HOW = (  # all others are values of the experiment
    "arch", "preset", "classes", "conditional", "small_data", "kimg", "start_from",
    "fade_labels", "sites", "rounds", "local_steps", "superlink", "certificate", "out", "resume",
    "strategy", "dry_run", "list_names", "quiet", "as_json",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Reading):
    """What `tfmedgan-train --help` lists; None: the experiment's own value."""

    arch: str | None = option(
        "Architecture, with this toolkit's defaults; for --data alone rgan, made for few images."
    )
    preset: str | None = option("A document's experiment, with its values.")
    data: str | None = option(
        "A folder with one subfolder of images per class, or flat; a .csv of their paths and "
        "labels; manifest:NAME:DIR or a manifest's path; a MedMNIST .npz or a folder of idx files; "
        "tfds:NAME; phantom:fundus, phantom:chest, phantom:foot."
    )
    classes: str | None = option("How many, or their names: A,B,C.")
    image_size: int | None = option("Height and width in pixels.")
    channels: int | None = option("1 (grey) or 3 (RGB).")
    masks: bool | None = option(
        "Read the mask beside each image, too, and generate pairs.", "--masks"
    )
    latent_dim: int | None = option("Length of z.")
    loss: str | None = option(
        "Of dcgan64, cgan64, dcgan-k16: non_saturating, least_squares, hinge, relativistic."
    )
    epochs: int | None = option("Passes, as the document counts them.")
    kimg: float | None = option("How many thousand images to show, in place of --epochs.")
    batch_size: int | None = option("")
    images: int | None = option("Use at most so many for training.")
    balance: str | None = option("none, oversample or uniform-labels.")
    conditional: bool = switch(
        "--conditional",
        "Give the labels to a network that can do without: rgan, StyleGAN2, WGAN-GP.",
    )
    fade_labels: str | None = option(
        "For few images: begin without the labels; 40:80 lets them fade in from 40 to 80 % of the "
        "training."
    )
    sites: str | None = option(
        "Sites that share no images: the column that names each image's, or how many to deal "
        "patients out to; the weights are averaged by Flower."
    )
    rounds: int | None = option(
        "How often the sites are averaged; by default as often as it takes to show as many images "
        "as in one place."
    )
    local_steps: int | None = option("Steps at each site between two averages; default: 100.")
    superlink: str | None = option(
        "HOST:PORT of a Flower SuperLink, where the sites are other machines with their own images."
    )
    certificate: Path | None = option("Of the authority that signed for the SuperLink, for TLS.")
    augment: str | None = option("What the discriminator sees of all images: none, diffaug or ada.")
    small_data: bool = switch(
        "--small-data", "For few images: averaging and, by family, faster rates, augmentation."
    )
    ema: float | None = option("Decay of an averaged generator, e.g. 0.99; 0 for none.")
    validate_every: int | None = option(
        "Epochs between KID on the validation images; keeps the best. 0: never."
    )
    patience: int | None = option("Stop when FID has not improved for so many epochs.")
    seed: int | None = option("Decides everything that is random.")
    out: Path | None = option("New run directory.")
    resume: Path | None = option("Go on with this run.")
    start_from: Path | None = option("Begin with the networks of this run, on other images.")
    precision: str | None = option("float32, mixed_bfloat16, mixed_float16, or auto.")
    jit: bool | None = option("Compile with XLA; not deterministic.", "--jit/--no-jit")
    strategy: str = option(
        "Devices: none (one), mirrored (all GPUs here), multiworker (see TF_CONFIG).",
        default="none",
    )
    deterministic: bool | None = option(
        "On unless --jit is given.", "--deterministic/--no-deterministic"
    )
    dry_run: bool = switch("--dry-run", "Show what would be trained, and train nothing.")
    list_names: bool = switch("--list", "Architectures and presets.")
