"""tfmedgan-classify study: whether synthetic images help a classifier of one's own images."""

from dataclasses import replace

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.cli import arms, console
from tfmedgan.cli.classify_options import StudyOptions
from tfmedgan.cli.options import given
from tfmedgan.cli.resolve import check_images, check_steps, overridden, parse_classes, split_values
from tfmedgan.cli.tables import Table
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import standard_steps
from tfmedgan.downstream.config import SCORES, DownstreamStudy, GeneratorArm
from tfmedgan.errors import require
from tfmedgan.files import read_json_if_there

HOW = (  # all others are values of the classifier's experiment
    "arch", "network", "updates", "synthetic_ratio", "seeds", "primary_metric", "by", "out",
    "quiet", "as_json",
)  # fmt: skip


def resolved(options: StudyOptions) -> DownstreamStudy:
    """The study that the options describe.

    Raises:
        InputError: for an option that cannot be, before any image is read.
    """
    base = CLASSIFIERS[options.network]  # an unknown name raises
    require(
        options.primary_metric in SCORES,
        f"--primary-metric {options.primary_metric}: valid: {', '.join(SCORES)}",
    )
    require(
        not hasattr(base.network, "critic"),
        f"--network {options.network}: its critic would have seen the same images; "
        "give another classifier",
    )
    check_steps(base, options)
    names = parse_classes(options.classes)[1]
    present = _classes(options, names)
    size = options.image_size or base.network.image_shape[0]
    split = split_values(options.fractions, options.split_file, arms.FRACTIONS)
    own = {"classes": names, "n_classes": len(present), "image_size": size, "channels": 3}
    classifier = overridden(base, {**given(options, *HOW), **split, **own})
    begun = read_json_if_there(options.out / "study.json") if options.out else {}
    archs = tuple(options.arch or ("cgan64",))
    generators = tuple(_generator(name, options, len(present)) for name in archs)
    return DownstreamStudy(
        classifier.data,
        classifier,
        generators,
        synthetic_ratio=options.synthetic_ratio,
        seeds=options.seeds,
        primary_metric=options.primary_metric,
        untinted=begun.get("untinted", not begun),
    )


def _classes(options: StudyOptions, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the images; of a study that was begun, those that its folder tells."""
    begun = read_json_if_there(options.out / "test.json") if options.out else {}
    if begun:
        return tuple(begun["classes"])
    images = open_source(
        options.data, allow_missing=options.allow_missing, skip_bad=options.skip_bad, classes=names
    )
    console.show_notes(images.card.get("notes", ()), options.quiet)
    return check_images(options, images, options.data)


def _generator(name: str, options: StudyOptions, n_classes: int) -> GeneratorArm:
    """The architecture at the asked size, or at its own."""
    base = ARCHITECTURES[name]
    size = options.image_size or base.model.image_shape[0]
    model = replace(base.model, image_shape=(size, size, 3))
    if model.labels == "required":
        model = replace(model, n_classes=n_classes)
    data = replace(base.data, steps=standard_steps(model.image_shape))
    return GeneratorArm(name, replace(base, model=model, data=data), options.updates or 0)


def run(options: StudyOptions) -> None:
    """Run the study, or go on with it, and print what it found."""
    arms.run(options, resolved(options), lambda f: arms_table(f.results), options.by or "")


def arms_table(results: list) -> Table:
    """A line for each arm: the score that decides, and two that are always of interest."""
    names = list(dict.fromkeys((results[0].primary_metric, "balanced_accuracy", "ece")))
    rows = []
    for arm in results:
        scores = [arm.scores[name] for name in names]
        rows.append([arm.arm, *(f"{s.value:.3f} ({s.low:.2f}–{s.high:.2f})" for s in scores)])
    return Table(["arm", *(name.replace("_", " ") for name in names)], rows)
