"""tfmedgan-classify: train a classifier, measure it on held-out images, classify images."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfmedgan.cli import classify_options as asked
from tfmedgan.cli import console
from tfmedgan.cli.options import add_command, given, refuse_others
from tfmedgan.cli.tables import Table
from tfmedgan.errors import Interrupted, require

if TYPE_CHECKING:
    from tfmedgan.classifiers.config import ClassifierExperiment


def print_names(as_json: bool) -> None:
    """The classifiers, their images, and the document each is from."""
    from tfmedgan.classifiers import CLASSIFIERS

    head, rows = ("name", "image", "document"), []
    for name, e in CLASSIFIERS.items():
        shape = "×".join(map(str, e.network.image_shape))
        rows.append((name, shape, e.paper or "this toolkit"))
    if as_json:
        console.result_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        console.stdout.print(Table(head, rows))


def resolved(options: asked.TrainOptions) -> "ClassifierExperiment":
    """The `ClassifierExperiment` of that name with every option that was given."""
    from tfmedgan.classifiers import CLASSIFIERS
    from tfmedgan.cli.resolve import check_steps, overridden, parse_classes, split_values

    require(options.network is not None, "give --network NAME; --list shows the names")
    base = CLASSIFIERS[options.network or ""]  # an unknown name raises
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
    return overridden(base, {**given(options, *asked.HOW), **split, **own})


def train(options: asked.TrainOptions) -> None:
    """Train, stop early, keep the best epoch, and calibrate on the validation images."""
    printing = ("quiet", "as_json")
    if options.list_names:
        refuse_others(options, "--list only shows names", "list_names", *printing)
        print_names(options.as_json)
    elif options.resume:
        reason = "--resume goes on with the run's own values"
        refuse_others(options, reason, "resume", *printing)
        console.start_tensorflow()
        from tfmedgan.classifiers.run import resume

        summary = resume(options.resume, progress=not options.quiet)
        _report(options.resume, summary, options.as_json)
    else:
        _start(options)


def _start(options: asked.TrainOptions) -> None:
    """Train a new run; everything that can be wrong with the data shows before TensorFlow loads."""
    from tfmedgan.cli.resolve import check_images
    from tfmedgan.data.prepare import opened, prepare

    experiment, quiet = resolved(options), options.quiet
    out = options.out or console.new_run(experiment.name)
    console.check_new_directory("--out", out)
    config = experiment.data
    _, images = opened(config, experiment.seed)
    present = check_images(options, images, config.source)
    network = replace(experiment.network, n_classes=len(present))
    experiment = replace(experiment, network=network)
    with console.counting(quiet) as progress:
        data = prepare(config, experiment.seed, progress)
    console.show_notes(data.notes, quiet)
    console.start_tensorflow()
    from tfmedgan.classifiers.run import train as train_classifier

    console.say(f"{experiment.name}: run directory {out}", quiet)
    try:
        summary = train_classifier(experiment, out, data=data, progress=not quiet)
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped; whole epochs are kept, go on with: tfmedgan-classify train --resume {out}"
        ) from None
    _report(out, summary, options.as_json)


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


def evaluate(options: asked.EvaluateOptions) -> None:
    """Scores with intervals, confusion matrix and reliability diagram, on images never seen."""
    console.start_tensorflow()
    from tfmedgan.classifiers.assessment import assess, write
    from tfmedgan.classifiers.run import ClassifierRun
    from tfmedgan.evaluation.gaps import sentences

    run, other = ClassifierRun.open(options.run), None
    if options.against:
        other = replace(
            run.experiment.data, source=options.against, classes=tuple(run.data["classes"]),
            split_file="", fractions=(1.0, 0.0, 0.0), images=None, balance="none",
        )  # fmt: skip
    assessment = assess(run, other, seed=options.seed, by=options.by or "")
    console.show_notes(assessment.notes, options.quiet)
    paths = write(assessment, options.out or options.run / "evaluation")
    groups = assessment.groups
    if options.as_json:
        console.result_json(assessment.rows + (groups.rows if groups else []))
        return
    console.stdout.print(scores_table(assessment.rows))
    if groups:
        if groups.rows:
            console.stdout.print(groups_table(groups.rows))
        for sentence in [*groups.refused, *sentences(groups.gaps)]:
            console.stdout.print(f"· {sentence}")
    if not options.quiet:
        console.result(f"files: {paths['scores.json'].parent}")


def scores_table(rows: list[dict]) -> Table:
    """The scores of a classifier; what they are of stands above."""
    protocol = rows[0]["protocol"]
    bounds = ["" if r["low"] is None else f"{r['low']:.3f} to {r['high']:.3f}" for r in rows]
    cells = [(r["metric"], f"{r['value']:.3f}", b) for r, b in zip(rows, bounds, strict=True)]
    title = f"{protocol['n_test']} images: {protocol['test']}"
    return Table(("score", "value", "95 % interval"), cells, title)


def groups_table(rows: list[dict]) -> Table:
    """The scores of subgroups: a line for each, the scores across or, if many, down."""
    groups = list(dict.fromkeys((r["protocol"]["group"], r["protocol"]["n_test"]) for r in rows))
    cells = {(r["protocol"]["group"], r["metric"]): f"{r['value']:.3f}" for r in rows}
    scores = list(dict.fromkeys(r["metric"] for r in rows))
    lines = [[score, *(cells[group, score] for group, _ in groups)] for score in scores]
    head = ["score", *(group for group, _ in groups)]
    counts = ["images", *(str(count) for _, count in groups)]
    return Table(head, [counts, *lines], caption="intervals are in scores.json")


def predict(options: asked.PredictOptions) -> None:
    """Calibrated probabilities of image files, and the time that each takes.

    For research only: this is no medical device, and no basis for a diagnosis.
    """
    for path in options.images:
        require(path.is_file(), f"{path}: no such image")
    console.start_tensorflow()
    from tfmedgan.classifiers.prediction import predict_files
    from tfmedgan.classifiers.run import ClassifierRun

    predictions = predict_files(ClassifierRun.open(options.run), options.images)
    if options.as_json:
        entries = [{**asdict(p), "class": p.label, "note": asked.NO_DEVICE} for p in predictions]
        console.result_json(entries)
        return
    console.stdout.print(predictions_table(predictions))
    console.say(f"Calibrated probabilities. {asked.NO_DEVICE}", options.quiet)


def predictions_table(predictions: list) -> Table:
    """A line for each image, with a column for each class."""
    rows = []
    for p in predictions:
        shares = (f"{share:.3f}" for share in p.probabilities.values())
        rows.append([p.image, p.label, *shares, f"{1000 * p.seconds:.0f}"])
    head = ["image", "class", *predictions[0].probabilities, "ms"]
    return Table(head, rows, names=2, heads_are_names=True)


def study(options: asked.StudyOptions) -> None:
    """Do synthetic images help? Tested on real images that no generator saw.

    Real images alone, with classical augmentation, oversampled, with synthetic ones, and
    synthetic ones alone.
    """
    from tfmedgan.cli.classify_study import run

    run(options)


app = console.application(
    "Train classifiers of medical images, measure and calibrate them, classify images."
)
add_command(app, asked.TrainOptions, train)
add_command(app, asked.EvaluateOptions, evaluate)
add_command(app, asked.PredictOptions, predict)
add_command(app, asked.StudyOptions, study)


def main() -> None:
    console.run(app, "tfmedgan-classify")
