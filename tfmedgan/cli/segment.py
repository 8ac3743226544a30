"""tfmedgan-segment: train a U-Net on images with masks, measure it, predict masks."""

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from tfmedgan.cli import console, places, supervised
from tfmedgan.cli import segment_options as asked
from tfmedgan.cli.options import add_command, given
from tfmedgan.errors import require

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
    if options.resume:
        supervised.go_on(TRAINING, options)
        return
    from tfmedgan.cli.resolve import check_split
    from tfmedgan.data.prepare import opened
    from tfmedgan.segmentation.parts import prepared

    experiment = resolved(options)
    out = places.new_place(options.out, experiment.name)
    images = opened(experiment.data, experiment.seed)[1]
    check_split(options.fractions, images, experiment.data.source)
    supervised.begin(TRAINING, options, experiment, out, prepared)


def _sentence(summary: dict) -> str:
    images, dice = summary["validated_on"], summary["val_dice"]
    return f"mean Dice on the {images} validation images {dice:.3f}"


TRAINING = supervised.Training("tfmedgan-segment", "tfmedgan.segmentation.run", _sentence)


def evaluate(options: asked.EvaluateOptions) -> None:
    """Dice, IoU and HD95 with intervals, and a picture of cases, on images never seen.

    HD95 is in pixels of the images that the U-Net sees.
    """
    supervised.check_run(options.run)
    console.start_tensorflow()
    from tfmedgan.segmentation.assessment import assess, write
    from tfmedgan.segmentation.run import SegmentationRun
    from tfmedgan.supervised.assessment import whole_source

    run, source = SegmentationRun.open(options.run), options.against
    other = whole_source(run.experiment.data, source, classes=()) if source else None
    supervised.show_scores(options, assess(run, other, seed=options.seed), write)


def predict(options: asked.PredictOptions) -> None:
    """Masks of the images of a folder: PNG files of 0 and 255, of the size of each image.

    For research only: this is no medical device, and no basis for a diagnosis.
    """
    from tfmedgan.segmentation.files import images_below, targets

    supervised.check_run(options.run)
    places.check_directory("--out", options.out)
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
        console.result_json([{**asdict(p), "note": supervised.NO_DEVICE} for p in written])
        return
    console.result(f"{options.out}: masks of {len(written)} images")
    console.say(supervised.NO_DEVICE, options.quiet)


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
