"""tfmedgan-classify: train a classifier, measure it on held-out images, classify images."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from tfmedgan.cli import classify_options as asked
from tfmedgan.cli import console, places, supervised
from tfmedgan.cli.options import add_command, given, refuse_others
from tfmedgan.cli.tables import Table
from tfmedgan.errors import require

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
    if options.list_names:
        refuse_others(options, "--list only shows names", "list_names", "quiet", "as_json")
        print_names(options.as_json)
        return
    if options.resume:
        supervised.go_on(TRAINING, options)
        return
    from tfmedgan.cli.resolve import check_images
    from tfmedgan.data.prepare import opened, prepare

    experiment = resolved(options)
    out = places.new_place(options.out, experiment.name)
    images = opened(experiment.data, experiment.seed)[1]
    present = check_images(options, images, experiment.data.source)
    network = replace(experiment.network, n_classes=len(present))
    supervised.begin(TRAINING, options, replace(experiment, network=network), out, prepare)


def _sentence(summary: dict) -> str:
    held = summary["validation"]
    return (
        f"temperature {summary['temperature']:.3f}, calibration error on the validation images "
        f"{held['ece_before']:.3f} before, {held['ece_after']:.3f} after"
    )


TRAINING = supervised.Training("tfmedgan-classify", "tfmedgan.classifiers.run", _sentence)


def evaluate(options: asked.EvaluateOptions) -> None:
    """Scores with intervals, confusion matrix and reliability diagram, on images never seen."""
    supervised.check_run(options.run)
    console.start_tensorflow()
    from tfmedgan.classifiers.assessment import assess, write
    from tfmedgan.classifiers.run import ClassifierRun
    from tfmedgan.classifiers.subgroups import ScoredGroups
    from tfmedgan.evaluation.gaps import sentences
    from tfmedgan.supervised.assessment import whole_source

    run, source = ClassifierRun.open(options.run), options.against
    classes = tuple(run.data["classes"])
    other = whole_source(run.experiment.data, source, classes=classes) if source else None
    assessment = assess(run, other, seed=options.seed, by=options.by or "")
    groups = assessment.groups or ScoredGroups()
    tables = [groups_table(groups.rows)] if groups.rows else []
    below = [*tables, *(f"· {line}" for line in (*groups.refused, *sentences(groups.gaps)))]
    supervised.show_scores(options, assessment, write, groups.rows, below)


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
        note = {"note": supervised.NO_DEVICE}
        console.result_json([{**asdict(p), "class": p.label, **note} for p in predictions])
        return
    console.stdout.print(predictions_table(predictions))
    console.say(f"Calibrated probabilities. {supervised.NO_DEVICE}", options.quiet)


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
