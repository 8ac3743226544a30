"""tfmedgan-classify: train a classifier, measure it on held-out images, classify images."""

from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.errors import require

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Train classifiers of medical images, measure and calibrate them, classify images.",
)

Quiet = Annotated[bool, typer.Option("--quiet", help="Print the result only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="Go on without images that are listed but absent.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Go on without images that cannot be read.")
]


@app.command()
def train(
    network: Annotated[str | None, typer.Option(help="Name of a classifier; --list shows.")] = None,
    data: Annotated[str | None, typer.Option(help="Images with classes, as for training.")] = None,
    classes: Annotated[str | None, typer.Option(help="How many, or their names: A,B.")] = None,
    image_size: Annotated[int | None, typer.Option(help="Height and width in pixels.")] = None,
    channels: Annotated[int | None, typer.Option(help="1 (grey) or 3 (RGB).")] = None,
    weights: Annotated[
        str | None, typer.Option(help="imagenet (fetched by Keras), or a file; else random.")
    ] = None,
    critic: Annotated[
        Path | None, typer.Option(help="Of critic-lstm: run directory of a trained WGAN-GP.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(help="At most so many passes.")] = None,
    patience: Annotated[
        int | None, typer.Option(help="Stop when the validation loss has not improved for so many.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam.")] = None,
    class_weights: Annotated[
        bool | None,
        typer.Option("--class-weights/--no-class-weights", help="Weigh rare classes more; on."),
    ] = None,
    balance: Annotated[str | None, typer.Option(help="none, oversample, uniform-labels.")] = None,
    fractions: Annotated[
        str | None, typer.Option(help="Train, validation, test, as 70:15:15.")
    ] = None,
    split_file: Annotated[str | None, typer.Option(help="A split written before.")] = None,
    seed: Annotated[int | None, typer.Option(help="Decides everything that is random.")] = None,
    out: Annotated[Path | None, typer.Option(help="New run directory.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with this run.")] = None,
    allow_missing: AllowMissing = False,
    skip_bad: SkipBad = False,
    list_names: Annotated[bool, typer.Option("--list", help="The classifiers.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
):
    """Train, stop early, keep the best epoch, and calibrate on the validation images."""
    from tfmedgan.cli import classify_jobs as jobs

    options = {
        "classes": classes, "image_size": image_size, "channels": channels,
        "weights": weights, "critic": str(critic) if critic else None, "epochs": epochs,
        "patience": patience, "batch_size": batch_size, "learning_rate": learning_rate,
        "class_weights": class_weights, "balance": balance, "fractions": fractions,
        "split_file": split_file, "seed": seed, "source": data,
        "allow_missing": allow_missing or None, "skip_bad": skip_bad or None,
    }  # fmt: skip
    if list_names:
        jobs.print_names(as_json)
    elif resume:
        given = [n for n, v in {**options, "network": network, "out": out}.items() if v is not None]
        require(not given, f"--resume goes on with the run's own values; leave out {given[0]!r}")
        jobs.resume_run(resume, quiet, as_json)
    else:
        jobs.check_name(network)
        require(data is not None, "give --data SOURCE, images with classes")
        jobs.train_run(network, options, out or _default_directory(network), quiet, as_json)


@app.command()
def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of a trained classifier.")],
    against: Annotated[
        str | None, typer.Option(help="Other images with the same classes; else the test part.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder; RUN/evaluation.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
):
    """Scores with intervals, confusion matrix and reliability diagram, on images never seen."""
    from tfmedgan.cli import classify_jobs as jobs

    jobs.evaluate_run(run, against, out or run / "evaluation", seed, quiet, as_json)


@app.command()
def predict(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE…", help="Image files.")],
    run: Annotated[Path, typer.Option("--run", help="Directory of a trained classifier.")],
    quiet: Quiet = False,
    as_json: AsJson = False,
):
    """Calibrated probabilities of image files, and the time that each takes.

    For research only: this is no medical device, and no basis for a diagnosis.
    """
    from tfmedgan.cli import classify_jobs as jobs

    jobs.predict_files(run, images, quiet, as_json)


@app.command()
def study(
    data: Annotated[str, typer.Option(help="Real images with classes, as for training.")],
    arch: Annotated[
        list[str] | None, typer.Option(help="Generator; may be given again. cgan64.")
    ] = None,
    network: Annotated[str, typer.Option(help="Name of a classifier.")] = "small-cnn",
    classes: Annotated[str | None, typer.Option(help="Names of the classes: A,B.")] = None,
    image_size: Annotated[
        int | None, typer.Option(help="Height and width for generator and classifier, in pixels.")
    ] = None,
    updates: Annotated[
        int | None, typer.Option(help="Of each generator; as its own epochs say.")
    ] = None,
    synthetic_ratio: Annotated[
        float, typer.Option(help="Synthetic images for each real one.")
    ] = 1.0,
    epochs: Annotated[int | None, typer.Option(help="Of the classifier, at most.")] = None,
    fractions: Annotated[str, typer.Option(help="Train, validation, test.")] = "60:15:25",
    split_file: Annotated[str | None, typer.Option(help="A split written before.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each arm.")] = 5,
    primary_metric: Annotated[str, typer.Option(help="The score that decides.")] = "auroc",
    allow_missing: AllowMissing = False,
    skip_bad: SkipBad = False,
    out: Annotated[Path | None, typer.Option(help="Folder; the same again goes on.")] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
):
    """Do synthetic images help? Real images alone, with classical augmentation, oversampled,
    with synthetic ones, and synthetic ones alone; tested on real images that no generator saw.
    """
    from tfmedgan.cli import classify_study

    asked = classify_study.Asked(
        data, tuple(arch or ("cgan64",)), network, classes, image_size, updates, synthetic_ratio,
        epochs, fractions, split_file, seeds, primary_metric, allow_missing, skip_bad,
    )  # fmt: skip
    classify_study.run(asked, out or _default_directory("study"), quiet, as_json)


def _default_directory(network: str) -> Path:
    from datetime import datetime

    return Path("runs") / f"{network}-{datetime.now():%Y%m%d-%H%M%S}"


def main() -> None:
    console.run(app, "tfmedgan-classify")
