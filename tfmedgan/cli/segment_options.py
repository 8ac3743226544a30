"""The options of the subcommands of tfmedgan-segment."""

from dataclasses import dataclass
from pathlib import Path

from tfmedgan.cli.options import Learning, Printing, Reading, argument, option, required, switch

HOW = ("augment", "out", "resume", "quiet", "as_json")


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Learning):
    """What `tfmedgan-segment train --help` lists; all but `HOW` are values of the experiment."""

    data: str | None = option("Images with masks.")
    image_size: int | None = option("Height and width in pixels; default: 64.")
    channels: int | None = option("1 (grey) or 3 (RGB).")
    width: int | None = option("Filters of the U-Net's first level; default: 16.")
    epochs: int | None = option("At most so many passes; default: 100.")
    augment: bool = switch("--augment", "Flip, turn, enlarge, change the contrast at random.")
    precision: str | None = option("float32, mixed_bfloat16, or auto.")


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Printing):
    """What `tfmedgan-segment evaluate --help` lists."""

    run: Path = argument("Directory of a trained U-Net.", metavar="RUN")
    against: str | None = option("Other images with masks; default: the test part.")
    out: Path | None = option("Folder; default: RUN/evaluation, with --against evaluation-SOURCE.")
    seed: int = option("Of the resamples.", default=0, min=0)


@dataclass(frozen=True, kw_only=True)
class PredictOptions(Printing):
    """What `tfmedgan-segment predict --help` lists."""

    run: Path = argument("Directory of a trained U-Net.", metavar="RUN")
    folder: Path = argument("Images, those in subfolders too.", metavar="FOLDER")
    out: Path = required("Folder for the masks.", "--out")
    overlay: bool = switch("--overlay", "Also the images with the outline, in DIR/overlays.")


@dataclass(frozen=True, kw_only=True)
class StudyOptions(Reading):
    """What `tfmedgan-segment study --help` lists."""

    data: str = required("Real images with masks, as for training.")
    run: list[Path] | None = option("A finished run that makes images; may be given several times.")
    pairs: list[Path] | None = option(
        "A folder of synthetic images with masks, as tfmedgan-generate writes; likewise."
    )
    arch: list[str] | None = option("Train this architecture on images with masks; likewise.")
    kimg: float | None = option("Of each --arch: how many thousand images to show.")
    image_size: int | None = option("Height and width in pixels; default: 64.")
    channels: int | None = option("1 (grey) or 3 (RGB).")
    width: int | None = option("Filters of the U-Net's first level; default: 16.")
    epochs: int | None = option("Of the U-Net, at most; default: 100.")
    patience: int | None = option("Stop when the validation loss has not improved for so many.")
    batch_size: int | None = option("Of the U-Net.")
    images: int | None = option("Use at most so many for training.")
    synthetic_ratio: float = option("Synthetic images for each real one.", default=1.0)
    fractions: str | None = option(
        "Train, validation, test; default: those of --run, else 60:15:25."
    )
    split_file: str | None = option("A split written before.")
    seeds: int = option("Trainings of each arm.", default=5, min=1)
    primary_metric: str = option("The score that decides: dice, iou, hd95.", default="dice")
    features: str | None = option("For KID and FID, as for tfmedgan-evaluate.")
    out: Path | None = option("Folder; the same command goes on with it.")
