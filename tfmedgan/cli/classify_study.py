"""tfmedgan-classify study: whether synthetic images help a classifier of one's own images."""

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.table import Table

from tfmedgan import durations
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.classifiers import CLASSIFIERS
from tfmedgan.cli import console
from tfmedgan.cli.classify_jobs import NO_DEVICE, check_name
from tfmedgan.cli.data_jobs import parsed_fractions
from tfmedgan.cli.resolve import check_number_of_classes, parse_classes
from tfmedgan.config import DataConfig
from tfmedgan.data.sources import open_source
from tfmedgan.data.steps import adapted, standard_steps
from tfmedgan.downstream.config import SCORES, DownstreamStudy, GeneratorArm
from tfmedgan.errors import Interrupted, require
from tfmedgan.files import read_json_if_there


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    data: str
    archs: tuple[str, ...]
    network: str
    classes: str | None
    image_size: int | None
    updates: int | None
    synthetic_ratio: float
    epochs: int | None
    fractions: str
    split_file: str | None
    seeds: int
    primary_metric: str
    allow_missing: bool
    skip_bad: bool


def resolved(asked: Asked, out: Path, quiet: bool = True) -> DownstreamStudy:
    """The study that the options describe; classes that `out` knows are not looked up again.

    Raises:
        InputError: for an option that cannot be, before any image is read.
    """
    check_name(asked.network)
    require(
        asked.primary_metric in SCORES,
        f"--primary-metric {asked.primary_metric}: valid: {', '.join(SCORES)}",
    )
    base = CLASSIFIERS[asked.network]
    require(
        not hasattr(base.network, "critic"),
        f"--network {asked.network}: its critic would have seen the same images; "
        "give another classifier",
    )
    number, names = parse_classes(asked.classes)
    known = tuple(read_json_if_there(out / "test.json").get("classes", ()))
    present = known or _class_names(asked, names, quiet)
    check_number_of_classes(number, present, asked.data)
    require(len(present) >= 2, f"{asked.data}: has no classes; use one subfolder per class")
    size = asked.image_size or base.network.image_shape[0]
    network = replace(base.network, image_shape=(size, size, 3), n_classes=len(present))
    data = DataConfig(
        source=asked.data, classes=names, steps=adapted(base.data.steps, network.image_shape),
        fractions=parsed_fractions(asked.fractions), split_file=asked.split_file or "",
        allow_missing=asked.allow_missing, skip_bad=asked.skip_bad,
    )  # fmt: skip
    classifier = replace(base, data=data, network=network, epochs=asked.epochs or base.epochs)
    arms = tuple(_generator(name, asked, len(present)) for name in asked.archs)
    return DownstreamStudy(
        data,
        classifier,
        arms,
        synthetic_ratio=asked.synthetic_ratio,
        seeds=asked.seeds,
        primary_metric=asked.primary_metric,
    )


def _class_names(asked: Asked, names: tuple[str, ...], quiet: bool) -> tuple[str, ...]:
    images = open_source(
        asked.data, allow_missing=asked.allow_missing, skip_bad=asked.skip_bad, classes=names
    )
    console.show_notes(images.card.get("notes", ()), quiet)
    return names or images.class_names


def _generator(name: str, asked: Asked, n_classes: int) -> GeneratorArm:
    """The architecture at the asked size, or at its own."""
    base = ARCHITECTURES[name]
    size = asked.image_size or base.model.image_shape[0]
    model = replace(base.model, image_shape=(size, size, 3))
    if model.labels == "required":
        model = replace(model, n_classes=n_classes)
    data = replace(base.data, steps=standard_steps(model.image_shape))
    return GeneratorArm(name, replace(base, model=model, data=data), asked.updates or 0)


def run(asked: Asked, out: Path, quiet: bool, as_json: bool) -> None:
    """Run the study, or go on with it, and print what it found."""
    study = resolved(asked, out, quiet)
    if not out.exists():
        console.check_new_directory("--out", out)
    if not quiet:
        console.stderr.print(f"study in {out}", soft_wrap=True)
    console.start_tensorflow()
    from tfmedgan.downstream.report import sentences, write_report
    from tfmedgan.downstream.run import run_study

    with console.counting(quiet) as progress:
        try:
            place = run_study(study, out, progress=progress, trained=None if quiet else Lines())
        except (KeyboardInterrupt, Interrupted):
            raise Interrupted(
                f"stopped; what was trained is kept in {out}, the same command goes on with it"
            ) from None
    findings = write_report(place)
    if as_json:
        print(json.dumps([asdict(result) for result in findings.results]))
        return
    _print(findings)
    for sentence in sentences(findings):
        console.stdout.print(f"· {sentence}", markup=False)
    if not quiet:
        console.stdout.print(f"report: {out / 'report.html'}", soft_wrap=True, markup=False)
        console.stderr.print(NO_DEVICE)


class Lines:
    """A line on stderr before each training, with the time that is left."""

    def __init__(self):
        self.started, self.first = time.monotonic(), None

    def __call__(self, done: int, total: int, what: str) -> None:
        self.first = done if self.first is None else self.first
        left = ""
        if done > self.first:
            pace = (time.monotonic() - self.started) / (done - self.first)
            left = f"; about {durations.in_words(pace * (total - done))} left"
        console.stderr.print(f"[{done}/{total}] {what}{left}", soft_wrap=True, markup=False)


def _print(findings) -> None:
    names = tuple(dict.fromkeys((findings.study.primary_metric, "balanced_accuracy", "ece")))
    table = Table("arm", box=None)
    for name in names:
        table.add_column(name.replace("_", " "), no_wrap=True)
    for result in findings.results:
        cells = [f"{s.value:.3f} ({s.low:.2f}–{s.high:.2f})" for s in map(result.scores.get, names)]
        table.add_row(result.arm, *cells)
    console.stdout.print(table)
