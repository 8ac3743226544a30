"""What the subcommands of tfmedgan-classify do."""

from dataclasses import asdict, replace
from pathlib import Path

from tfmedgan.classifiers import CLASSIFIERS, ClassifierExperiment
from tfmedgan.cli import console
from tfmedgan.cli.classify_options import HOW, EvaluateOptions, PredictOptions, TrainOptions
from tfmedgan.cli.options import given, typed
from tfmedgan.cli.resolve import (
    check_number_of_classes,
    check_split,
    overridden,
    parse_classes,
    split_values,
)
from tfmedgan.cli.tables import Table
from tfmedgan.errors import Interrupted, require

NO_DEVICE = "For research only: no medical device, and no basis for a diagnosis."
OF_STEPS = ("epochs", "patience", "batch_size", "learning_rate")  # options of training by steps


def print_names(as_json: bool) -> None:
    """The classifiers, their images, and the document each is from."""
    rows = [
        (
            name,
            "×".join(map(str, experiment.network.image_shape)),
            experiment.paper or "this toolkit",
        )
        for name, experiment in CLASSIFIERS.items()
    ]
    if as_json:
        console.result_json(
            [dict(zip(("name", "image", "document"), r, strict=True)) for r in rows]
        )
    else:
        console.stdout.print(Table(("classifier", "image", "document"), rows))


def resolved(options: TrainOptions) -> ClassifierExperiment:
    """The named classifier's experiment with every option that was given."""
    require(options.network is not None, "give --network NAME; --list shows the names")
    base = CLASSIFIERS[options.network]  # an unknown name raises
    require(options.data is not None, "give --data SOURCE, images with classes")
    check_steps(base, options)
    require(
        not hasattr(base.network, "critic") or options.critic,
        f"{base.name} needs --critic RUN, the run directory of a trained WGAN-GP",
    )
    own = {
        "critic": str(options.critic) if options.critic else None,
        "classes": parse_classes(options.classes)[1] or None,
    }
    split = split_values(options.fractions, options.split_file)
    return overridden(base, {**given(options, *HOW), **split, **own})


def check_steps(base: ClassifierExperiment, options) -> None:
    """Refuse options of training by steps where a regression fits the last layer."""
    idle = [typed(options, name) for name in OF_STEPS if name in given(options)]
    require(
        not base.network.regression or not idle,
        f"{base.name} is fitted by logistic regression, without steps; leave out {', '.join(idle)}",
    )


def train_run(options: TrainOptions) -> None:
    """Train a new run; everything that can be wrong with the data shows before TensorFlow loads."""
    from tfmedgan.data.prepare import opened, prepare

    experiment, quiet = resolved(options), options.quiet
    out = options.out or console.new_run(experiment.name)
    console.check_new_directory("--out", out)
    config = experiment.data
    _, images = opened(config, experiment.seed)
    check_split(options.fractions, images, config.source)
    present = images.class_names
    check_classes(options.classes, present, config.source)
    network = replace(experiment.network, n_classes=len(present))
    experiment = replace(experiment, network=network)
    with console.counting(quiet) as progress:
        data = prepare(config, experiment.seed, progress)
    console.show_notes(data.notes, quiet)
    console.start_tensorflow()
    from tfmedgan.classifiers.run import train

    console.say(f"{experiment.name}: run directory {out}", quiet)
    try:
        summary = train(experiment, out, data=data, progress=not quiet)
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped; whole epochs are kept, go on with: tfmedgan-classify train --resume {out}"
        ) from None
    _report(out, summary, options.as_json)


def check_classes(asked: str | None, present: tuple[str, ...], source: str) -> None:
    """Raise `InputError` unless there are classes, as many as --classes says."""
    check_number_of_classes(parse_classes(asked)[0], present, source)
    require(len(present) >= 2, f"{source}: has no classes; use one subfolder per class")


def resume_run(path: Path, quiet: bool, as_json: bool) -> None:
    console.start_tensorflow()
    from tfmedgan.classifiers.run import resume

    _report(path, resume(path, progress=not quiet), as_json)


def _report(path: Path, summary: dict, as_json: bool) -> None:
    if as_json:
        console.result_json({"run": str(path), **summary})
        return
    held = summary["validation"]
    console.result(
        f"{path}: {summary['epochs']} epochs, best {summary['best_epoch']}; temperature "
        f"{summary['temperature']:.3f}, calibration error on the validation images "
        f"{held['ece_before']:.3f} before, {held['ece_after']:.3f} after"
    )


def evaluate_run(options: EvaluateOptions) -> None:
    """Scores on the run's test part, or on all images of another source."""
    console.start_tensorflow()
    from tfmedgan.classifiers.assessment import assess, write
    from tfmedgan.classifiers.run import ClassifierRun

    run, other = ClassifierRun.open(options.run), None
    if options.against:
        other = replace(
            run.experiment.data, source=options.against, classes=tuple(run.data["classes"]),
            split_file="", fractions=(1.0, 0.0, 0.0), images=None, balance="none",
        )  # fmt: skip
    assessment = assess(run, other, seed=options.seed)
    console.show_notes(assessment.notes, options.quiet)
    paths = write(assessment, options.out or options.run / "evaluation")
    if options.as_json:
        console.result_json(assessment.rows)
        return
    console.stdout.print(scores_table(assessment.rows))
    if not options.quiet:
        console.result(f"files: {paths['scores.json'].parent}")


def scores_table(rows: list[dict]) -> Table:
    """The scores of a classifier; what they are of stands above."""
    protocol = rows[0]["protocol"]
    bounds = ["" if r["low"] is None else f"{r['low']:.3f} to {r['high']:.3f}" for r in rows]
    cells = [(r["metric"], f"{r['value']:.3f}", b) for r, b in zip(rows, bounds, strict=True)]
    title = f"{protocol['n_test']} images: {protocol['test']}"
    return Table(("score", "value", "95 % interval"), cells, title)


def predict_files(options: PredictOptions) -> None:
    """Classify image files."""
    for path in options.images:
        require(path.is_file(), f"{path}: no such image")
    console.start_tensorflow()
    from tfmedgan.classifiers.prediction import predict_files as predict
    from tfmedgan.classifiers.run import ClassifierRun

    predictions = predict(ClassifierRun.open(options.run), options.images)
    if options.as_json:
        entries = [{**asdict(p), "class": p.label, "note": NO_DEVICE} for p in predictions]
        console.result_json(entries)
        return
    console.stdout.print(predictions_table(predictions))
    console.say(f"Calibrated probabilities. {NO_DEVICE}", options.quiet)


def predictions_table(predictions) -> Table:
    """A line for each image, with a column for each class."""
    rows = [
        [
            p.image,
            p.label,
            *(f"{v:.3f}" for v in p.probabilities.values()),
            f"{1000 * p.seconds:.0f}",
        ]
        for p in predictions
    ]
    head = ["image", "class", *predictions[0].probabilities, "ms"]
    return Table(head, rows, names=2, heads_are_names=True)
