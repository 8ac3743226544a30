"""What the subcommands of tfmedgan-classify do."""

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

from rich.table import Table

from tfmedgan.classifiers import CLASSIFIERS, ClassifierExperiment
from tfmedgan.cli import console
from tfmedgan.cli.data_jobs import parsed_fractions
from tfmedgan.cli.resolve import check_number_of_classes, parse_classes
from tfmedgan.data.steps import adapted
from tfmedgan.errors import Interrupted, require

NO_DEVICE = "For research only: no medical device, and no basis for a diagnosis."


def print_names(as_json: bool) -> None:
    """The classifiers, their images, and the document each is from."""
    entries = [
        {
            "name": name,
            "image": "×".join(map(str, experiment.network.image_shape)),
            "document": experiment.paper or "this toolkit",
        }
        for name, experiment in CLASSIFIERS.items()
    ]
    if as_json:
        print(json.dumps(entries))
        return
    table = Table("classifier", "image", "document", box=None)
    for entry in entries:
        table.add_row(*entry.values())
    console.stdout.print(table)


def check_name(name: str | None) -> None:
    require(name is not None, "give --network NAME; --list shows the names")
    CLASSIFIERS[name]  # an unknown name raises


def resolved(name: str, options: dict) -> ClassifierExperiment:
    """The named classifier's experiment with every option that was given (not None)."""
    experiment = CLASSIFIERS[name]
    given = {key: value for key, value in options.items() if value is not None}
    _check_options(name, experiment, given)
    size, _, channels = experiment.network.image_shape
    size, channels = given.pop("image_size", size), given.pop("channels", channels)
    given["image_shape"] = (size, size, channels)
    given["steps"] = adapted(experiment.data.steps, given["image_shape"])
    given["classes"] = parse_classes(given.get("classes"))[1]
    if "fractions" in given:
        given["fractions"] = parsed_fractions(given["fractions"])
    if "learning_rate" in given:
        rate = given.pop("learning_rate")
        given["optimizer"] = replace(experiment.optimizer, learning_rate=rate)
    return replace(
        experiment,
        data=_replaced(experiment.data, given),
        network=_replaced(experiment.network, given),
        **_own(experiment, given),
    )


def _check_options(name: str, experiment: ClassifierExperiment, given: dict) -> None:
    """Refuse options of other networks."""
    known = {field.name for field in fields(experiment.network)}
    for option in ("weights", "critic"):
        require(option not in given or option in known, f"--{option}: {name} takes none")
    require(
        "critic" not in known or "critic" in given,
        f"{name} needs --critic RUN, the run directory of a trained WGAN-GP",
    )


def _own(part, given: dict) -> dict:
    names = {field.name for field in fields(part)} - {"data", "network", "name"}
    return {key: value for key, value in given.items() if key in names}


def _replaced(part, given: dict):
    return replace(part, **_own(part, given))


def train_run(name: str, options: dict, out: Path, quiet: bool, as_json: bool) -> None:
    """Train a new run; everything that can be wrong with the data shows before TensorFlow loads."""
    from tfmedgan.data.prepare import opened, prepare

    experiment = resolved(name, options)
    console.check_new_directory("--out", out)
    config = experiment.data
    _, images = opened(config, experiment.seed)
    present = images.class_names
    check_number_of_classes(parse_classes(options["classes"])[0], present, config.source)
    require(len(present) >= 2, f"{config.source}: has no classes; use one subfolder per class")
    network = replace(experiment.network, n_classes=len(present))
    experiment = replace(experiment, network=network)
    with console.counting(quiet) as progress:
        data = prepare(config, experiment.seed, progress)
    console.show_notes(data.notes, quiet)
    console.start_tensorflow()
    from tfmedgan.classifiers.run import train

    if not quiet:
        console.stderr.print(f"{name}: run directory {out}")
    try:
        summary = train(experiment, out, data=data, progress=not quiet)
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped; whole epochs are kept, go on with: tfmedgan-classify train --resume {out}"
        ) from None
    _report(out, summary, as_json)


def resume_run(path: Path, quiet: bool, as_json: bool) -> None:
    console.start_tensorflow()
    from tfmedgan.classifiers.run import resume

    _report(path, resume(path, progress=not quiet), as_json)


def _report(path: Path, summary: dict, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"run": str(path), **summary}))
        return
    held = summary["validation"]
    console.stdout.print(
        f"{path}: {summary['epochs']} epochs, best {summary['best_epoch']}; temperature "
        f"{summary['temperature']:.3f}, calibration error on the validation images "
        f"{held['ece_before']:.3f} before, {held['ece_after']:.3f} after",
        soft_wrap=True,
    )


def evaluate_run(run_dir: Path, against, out: Path, seed: int, quiet: bool, as_json: bool) -> None:
    """Scores on the run's test part, or on all images of another source."""
    console.start_tensorflow()
    from tfmedgan.classifiers.assessment import assess, write
    from tfmedgan.classifiers.run import ClassifierRun

    run = ClassifierRun.open(run_dir)
    other = None
    if against:
        names = tuple(run.data["classes"])
        other = replace(
            run.experiment.data, source=against, classes=names, split_file="",
            fractions=(1.0, 0.0, 0.0), images=None, balance="none",
        )  # fmt: skip
    assessment = assess(run, other, seed=seed)
    console.show_notes(assessment.notes, quiet)
    paths = write(assessment, out)
    if as_json:
        print(json.dumps(assessment.rows))
        return
    protocol = assessment.rows[0]["protocol"]
    console.stdout.print(f"{protocol['n_test']} images: {protocol['test']}", soft_wrap=True)
    table = Table("score", "value", "95 % interval", box=None)
    for row in assessment.rows:
        bounds = "" if row["low"] is None else f"{row['low']:.3f} to {row['high']:.3f}"
        table.add_row(row["metric"], f"{row['value']:.3f}", bounds)
    console.stdout.print(table)
    if not quiet:
        console.stdout.print(f"files: {paths['scores.json'].parent}", soft_wrap=True)


def predict_files(run_dir: Path, images: list[Path], quiet: bool, as_json: bool) -> None:
    """Classify image files."""
    for path in images:
        require(path.is_file(), f"{path}: no such image")
    console.start_tensorflow()
    from tfmedgan.classifiers.prediction import predict_files as predict
    from tfmedgan.classifiers.run import ClassifierRun

    found = predict(ClassifierRun.open(run_dir), images)
    if as_json:
        print(json.dumps([{**asdict(p), "class": p.label, "note": NO_DEVICE} for p in found]))
        return
    table = Table("image", "class", *found[0].probabilities, "ms", box=None)
    for p in found:
        values = [f"{value:.3f}" for value in p.probabilities.values()]
        table.add_row(p.image, p.label, *values, f"{1000 * p.seconds:.0f}")
    console.stdout.print(table)
    if not quiet:
        console.stderr.print(f"Calibrated probabilities. {NO_DEVICE}")
