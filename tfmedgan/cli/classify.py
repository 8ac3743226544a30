"""tfmedgan-classify: train a classifier, measure it on held-out images, classify images."""

from tfmedgan.cli import classify_options, console
from tfmedgan.cli.options import add_command, refuse

app = console.application(
    "Train classifiers of medical images, measure and calibrate them, classify images."
)


def train(options: classify_options.TrainOptions) -> None:
    """Train, stop early, keep the best epoch, and calibrate on the validation images."""
    from tfmedgan.cli import classify_jobs as jobs

    printing = ("quiet", "as_json")
    if options.list_names:
        refuse(options, "--list only shows names", "list_names", *printing)
        jobs.print_names(options.as_json)
    elif options.resume:
        reason = "--resume goes on with the run's own values"
        refuse(options, reason, "resume", *printing)
        jobs.resume_run(options.resume, options.quiet, options.as_json)
    else:
        jobs.train_run(options)


def evaluate(options: classify_options.EvaluateOptions) -> None:
    """Scores with intervals, confusion matrix and reliability diagram, on images never seen."""
    from tfmedgan.cli.classify_jobs import evaluate_run

    evaluate_run(options)


def predict(options: classify_options.PredictOptions) -> None:
    """Calibrated probabilities of image files, and the time that each takes.

    For research only: this is no medical device, and no basis for a diagnosis.
    """
    from tfmedgan.cli.classify_jobs import predict_files

    predict_files(options)


def study(options: classify_options.StudyOptions) -> None:
    """Do synthetic images help? Real images alone, with classical augmentation, oversampled,
    with synthetic ones, and synthetic ones alone; tested on real images that no generator saw.
    """
    from tfmedgan.cli.classify_study import run

    run(options)


add_command(app, classify_options.TrainOptions, train)
add_command(app, classify_options.EvaluateOptions, evaluate)
add_command(app, classify_options.PredictOptions, predict)
add_command(app, classify_options.StudyOptions, study)


def main() -> None:
    console.run(app, "tfmedgan-classify")
