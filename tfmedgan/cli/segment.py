"""tfmedgan-segment: train a U-Net on images with masks, measure it, predict masks."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfmedgan.cli import console
from tfmedgan.cli import segment_options as asked
from tfmedgan.cli.classify import scores_table
from tfmedgan.cli.classify_options import NO_DEVICE
from tfmedgan.cli.options import add_command, given, refuse_others
from tfmedgan.errors import Interrupted, require

if TYPE_CHECKING:
    from tfmedgan.segmentation.config import SegmentationExperiment


def resolved(options: asked.TrainOptions) -> "SegmentationExperiment":
    """The default `SegmentationExperiment` with every option that was given."""
    from tfmedgan.cli.resolve import overridden, split_values
    from tfmedgan.segmentation.config import CLASSICAL, UNET

    require(options.data is not None, "give --data SOURCE, images with masks")
    split = split_values(options.fractions, options.split_file)
    experiment = overridden(UNET, {**given(options, *asked.HOW), **split})
    if not options.augment:
        return experiment
    data = experiment.data
    return replace(experiment, data=replace(data, steps=(*data.steps, *CLASSICAL)))


def study(options: asked.StudyOptions) -> None:
    """Do synthetic images with masks help a U-Net? Several arms, each with several seeds.

    Real images, those with classical augmentation, real and synthetic ones, synthetic ones alone;
    all are tested on the same real images. The same command goes on with a study.
    """
    from tfmedgan.cli import segment_study

    segment_study.study(options)


def train(options: asked.TrainOptions) -> None:
    """Train a U-Net, stop early, and keep the best epoch by the validation images."""
    if not options.resume:
        _start(options)
        return
    reason = "--resume goes on with the run's own values"
    refuse_others(options, reason, "resume", "quiet", "as_json")
    _check_run(options.resume)
    console.start_tensorflow()
    from tfmedgan.segmentation.run import resume

    summary = resume(options.resume, progress=not options.quiet)
    _report(options.resume, summary, options.as_json)


def _start(options: asked.TrainOptions) -> None:
    """Train a new run; everything that can be wrong with the data shows before TensorFlow loads."""
    from tfmedgan.cli.resolve import check_split
    from tfmedgan.data.prepare import opened
    from tfmedgan.segmentation.parts import prepared

    experiment, quiet = resolved(options), options.quiet
    out = options.out or console.new_run(experiment.name)
    console.check_new_directory("--out", out)
    config = experiment.data
    check_split(options.fractions, opened(config, experiment.seed)[1], config.source)
    with console.counting(quiet) as progress:
        data = prepared(config, experiment.seed, progress)
    console.show_notes(data.notes, quiet)
    console.start_tensorflow()
    from tfmedgan.segmentation.run import train as train_unet

    console.say(f"{experiment.name}: run directory {out}", quiet)
    try:
        summary = train_unet(experiment, out, data=data, progress=not quiet)
    except KeyboardInterrupt:
        raise Interrupted(
            f"stopped; whole epochs are kept, go on with: tfmedgan-segment train --resume {out}"
        ) from None
    _report(out, summary, options.as_json)


def _check_run(path: Path) -> None:
    """Raise `InputError` for what is no run directory, before TensorFlow loads."""
    from tfmedgan.run_directory import TrainingDirectory

    TrainingDirectory.open(path)


def _report(path: Path, summary: dict, as_json: bool) -> None:
    if as_json:
        console.result_json({"run": str(path), **summary})
        return
    console.result(
        f"{path}: {summary['epochs']} epochs, best {summary['best_epoch']}; mean Dice on the "
        f"{summary['validated_on']} validation images {summary['val_dice']:.3f}"
    )


def evaluate(options: asked.EvaluateOptions) -> None:
    """Dice, IoU and HD95 with intervals, and a picture of cases, on images never seen.

    HD95 is in pixels of the images that the U-Net sees.
    """
    _check_run(options.run)
    console.start_tensorflow()
    from tfmedgan.segmentation.assessment import assess, write
    from tfmedgan.segmentation.run import SegmentationRun

    run, other = SegmentationRun.open(options.run), None
    if options.against:
        other = replace(
            run.experiment.data, source=options.against, classes=(), split_file="",
            fractions=(1.0, 0.0, 0.0), images=None, balance="none",
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


def predict(options: asked.PredictOptions) -> None:
    """Masks of the images of a folder: PNG files of 0 and 255, of the size of each image.

    For research only: this is no medical device, and no basis for a diagnosis.
    """
    from tfmedgan.segmentation.files import images_below, targets

    _check_run(options.run)
    targets(images_below(options.folder), options.out, options.overlay)
    console.start_tensorflow()
    from tfmedgan.segmentation.prediction import predict_folder
    from tfmedgan.segmentation.run import SegmentationRun

    run = SegmentationRun.open(options.run)
    with console.counting(options.quiet) as progress:
        written = predict_folder(
            run, options.folder, options.out, overlay=options.overlay, progress=progress
        )
    if options.as_json:
        console.result_json([{**asdict(p), "note": NO_DEVICE} for p in written])
        return
    console.result(f"{options.out}: masks of {len(written)} images")
    console.say(NO_DEVICE, options.quiet)


app = console.application(
    "Train a U-Net on images with masks, measure it, predict the masks of other images, and study "
    "whether synthetic images help it."
)
add_command(app, asked.TrainOptions, train)
add_command(app, asked.EvaluateOptions, evaluate)
add_command(app, asked.PredictOptions, predict)
add_command(app, asked.StudyOptions, study)


def main() -> None:
    console.run(app, "tfmedgan-segment")
