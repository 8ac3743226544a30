"""The options of the subcommands of tfmedgan-classify."""

from dataclasses import dataclass
from pathlib import Path

from tfmedgan.cli.options import Learning, Printing, Reading, argument, option, required, switch

HOW = ("network", "classes", "out", "resume", "list_names", "quiet", "as_json")


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Learning):
    """What `tfmedgan-classify train --help` lists; all but `HOW` are values of the experiment."""

    network: str | None = option("Name of a classifier; --list shows.")
    data: str | None = option("Images with classes, as for training.")
    classes: str | None = option("How many, or their names: A,B.")
    image_size: int | None = option("Height and width in pixels.")
    channels: int | None = option("1 (grey) or 3 (RGB).")
    weights: str | None = option("imagenet (fetched by Keras), or a file; else random.")
    critic: Path | None = option("Of critic-lstm: run directory of a trained WGAN-GP.")
    epochs: int | None = option("At most so many passes.")
    class_weights: bool | None = option(
        "Weigh rare classes more; the default.", "--class-weights/--no-class-weights"
    )
    balance: str | None = option("none, oversample, uniform-labels.")
    list_names: bool = switch("--list", "The classifiers.")


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Printing):
    """What `tfmedgan-classify evaluate --help` lists."""

    run: Path = argument("Directory of a trained classifier.", metavar="RUN")
    against: str | None = option("Other images with the same classes; default: the test part.")
    by: str | None = option("Also for each value of this column of the data: sex, site.")
    out: Path | None = option("Folder; default: RUN/evaluation, with --against evaluation-SOURCE.")
    seed: int = option("Of the resamples.", default=0, min=0)


@dataclass(frozen=True, kw_only=True)
class PredictOptions(Printing):
    """What `tfmedgan-classify predict --help` lists."""

    images: list[Path] = argument("Image files.", metavar="IMAGE…")
    run: Path = required("Directory of a trained classifier.", "--run")


@dataclass(frozen=True, kw_only=True)
class StudyOptions(Reading):
    """What `tfmedgan-classify study --help` lists."""

    data: str = required("Real images with classes, as for training.")
    arch: list[str] | None = option("Generator; may be given several times. Default: cgan64.")
    network: str = option("Name of a classifier.", default="small-cnn")
    classes: str | None = option("Names of the classes: A,B.")
    image_size: int | None = option("Height and width for generator and classifier, in pixels.")
    updates: int | None = option("Of each generator; default: what its epochs make.", min=1)
    synthetic_ratio: float = option("Synthetic images for each real one.", default=1.0)
    epochs: int | None = option("Of the classifier, at most.")
    fractions: str | None = option("Train, validation, test; default: 60:15:25.")
    split_file: str | None = option("A split written before.")
    seeds: int = option("Trainings of each arm.", default=5, min=1)
    primary_metric: str = option("The score that decides.", default="auroc")
    by: str | None = option("Also for each value of this column of the data: sex, site.")
    out: Path | None = option("Folder; the same command goes on with it.")
