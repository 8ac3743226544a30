"""The options of the subcommands of tfmedgan-classify."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli.options import AllowMissing, AsJson, Quiet, SkipBad

HOW = ("network", "classes", "out", "resume", "list_names", "quiet", "as_json")


@dataclass(frozen=True)
class TrainOptions:
    """What `tfmedgan-classify train --help` lists; all but `HOW` are values of the experiment."""

    network: Annotated[str | None, typer.Option(help="Name of a classifier; --list shows.")] = None
    data: Annotated[str | None, typer.Option(help="Images with classes, as for training.")] = None
    classes: Annotated[str | None, typer.Option(help="How many, or their names: A,B.")] = None
    image_size: Annotated[int | None, typer.Option(help="Height and width in pixels.")] = None
    channels: Annotated[int | None, typer.Option(help="1 (grey) or 3 (RGB).")] = None
    weights: Annotated[
        str | None, typer.Option(help="imagenet (fetched by Keras), or a file; else random.")
    ] = None
    critic: Annotated[
        Path | None, typer.Option(help="Of critic-lstm: run directory of a trained WGAN-GP.")
    ] = None
    epochs: Annotated[int | None, typer.Option(help="At most so many passes.")] = None
    patience: Annotated[
        int | None, typer.Option(help="Stop when the validation loss has not improved for so many.")
    ] = None
    batch_size: Annotated[int | None, typer.Option()] = None
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam.")] = None
    class_weights: Annotated[
        bool | None,
        typer.Option("--class-weights/--no-class-weights", help="Weigh rare classes more; on."),
    ] = None
    balance: Annotated[str | None, typer.Option(help="none, oversample, uniform-labels.")] = None
    fractions: Annotated[str | None, typer.Option(help="Train, validation, test, as 70:15:15.")] = (
        None
    )
    split_file: Annotated[str | None, typer.Option(help="A split written before.")] = None
    seed: Annotated[int | None, typer.Option(help="Decides everything that is random.")] = None
    out: Annotated[Path | None, typer.Option(help="New run directory.")] = None
    resume: Annotated[Path | None, typer.Option(help="Go on with this run.")] = None
    allow_missing: AllowMissing = False
    skip_bad: SkipBad = False
    list_names: Annotated[bool, typer.Option("--list", help="The classifiers.")] = False
    quiet: Quiet = False
    as_json: AsJson = False


@dataclass(frozen=True)
class EvaluateOptions:
    """What `tfmedgan-classify evaluate --help` lists."""

    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of a trained classifier.")]
    against: Annotated[
        str | None, typer.Option(help="Other images with the same classes; else the test part.")
    ] = None
    out: Annotated[Path | None, typer.Option(help="Folder; RUN/evaluation.")] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0
    quiet: Quiet = False
    as_json: AsJson = False


@dataclass(frozen=True)
class PredictOptions:
    """What `tfmedgan-classify predict --help` lists."""

    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files.")]
    run: Annotated[Path, typer.Option("--run", help="Directory of a trained classifier.")]
    quiet: Quiet = False
    as_json: AsJson = False


@dataclass(frozen=True)
class StudyOptions:
    """What `tfmedgan-classify study --help` lists."""

    data: Annotated[str, typer.Option(help="Real images with classes, as for training.")]
    arch: Annotated[
        list[str] | None, typer.Option(help="Generator; may be given again. cgan64.")
    ] = None
    network: Annotated[str, typer.Option(help="Name of a classifier.")] = "small-cnn"
    classes: Annotated[str | None, typer.Option(help="Names of the classes: A,B.")] = None
    image_size: Annotated[
        int | None, typer.Option(help="Height and width for generator and classifier, in pixels.")
    ] = None
    updates: Annotated[
        int | None, typer.Option(help="Of each generator; as its own epochs say.")
    ] = None
    synthetic_ratio: Annotated[float, typer.Option(help="Synthetic images for each real one.")] = (
        1.0
    )
    epochs: Annotated[int | None, typer.Option(help="Of the classifier, at most.")] = None
    fractions: Annotated[str | None, typer.Option(help="Train, validation, test; 60:15:25.")] = None
    split_file: Annotated[str | None, typer.Option(help="A split written before.")] = None
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each arm.")] = 5
    primary_metric: Annotated[str, typer.Option(help="The score that decides.")] = "auroc"
    allow_missing: AllowMissing = False
    skip_bad: SkipBad = False
    out: Annotated[Path | None, typer.Option(help="Folder; the same again goes on.")] = None
    quiet: Quiet = False
    as_json: AsJson = False
