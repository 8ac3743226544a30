"""tfmedgan-study: measure a document's tables again, and print them beside what it reports."""

import os
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from tfmedgan.cli import console
from tfmedgan.cli.options import Printing, argument, option, refuse_others, switch
from tfmedgan.cli.places import check_directory
from tfmedgan.errors import require

if TYPE_CHECKING:
    from tfmedgan.reproduction.study import Study


@dataclass(frozen=True, kw_only=True)
class StudyOptions(Printing):
    """What `tfmedgan-study --help` lists."""

    name: str = argument(
        "A document; `list` for the documents, their tables and what they cost; `report` for one "
        "page of several studies; `record` for a small file of one, to be handed on."
    )
    folders: list[Path] | None = argument(
        "Studies, for `report` and `record` only.", default=None, metavar="DIR"
    )
    table: list[str] | None = option(
        "One of its tables, as `list` names it; may be given several times. Default: all."
    )
    scale: str | None = option(
        "smoke (the default): phantoms, minutes. small: real images, an hour or so on two cores. "
        "paper: the document's own values."
    )
    data: str | None = option("Images, as for tfmedgan-train; default: those of the scale.")
    features: str | None = option(
        "multiscale (the default), random, inception, radiomics, or a Keras model file or "
        "SavedModel."
    )
    seeds: int | None = option("Trainings of each row; default: those of the scale.")
    allow_missing: bool = switch(
        "--allow-missing", "Go on without images that are listed but absent."
    )
    hours: float | None = option("Stop after so many hours; the same command goes on.", min=0)
    nice: int | None = option("Lower the priority of the process, 1 to 19.", min=1, max=19)
    out: Path | None = option(
        "Directory, default studies/NAME-SCALE; of `report` a file, docs/results.md; of `record` "
        "one, DIR.tar.xz."
    )


def study(options: StudyOptions) -> None:
    """Train what a table needs, with several seeds, and write it reported beside reproduced.

    Give the same command again to go on with a study that was stopped or killed, or at the same
    time to share its work.
    """
    folders = options.folders or []
    if options.name == "list":
        from tfmedgan.cli.study_list import print_tables

        refuse_others(options, "list only shows tables", "name", "quiet", "as_json")
        print_tables(options.as_json)
    elif options.name == "report":
        refuse_others(
            options, "report writes a page of finished studies", "name", "folders", "out", "quiet"
        )
        _report(folders, options.out or Path("docs/results.md"))
    elif options.name == "record":
        refuse_others(options, "record packs one study", "name", "folders", "out", "quiet")
        _record(folders, options.out)
    else:
        named = " ".join(map(str, folders))
        require(
            not folders, f"{named}: directories are for `report` and `record` only; leave them out"
        )
        _study(options)


def _study(options: StudyOptions) -> None:
    from tfmedgan.papers.reported import DEFAULT_SCALE
    from tfmedgan.reproduction.run import begin, make_plan, run
    from tfmedgan.reproduction.study import Study

    name, scale, quiet = options.name, options.scale or DEFAULT_SCALE, options.quiet
    out = options.out or Path("studies") / f"{name}-{scale}"
    check_directory("--out", out)
    plan = make_plan(
        name, tuple(options.table or ()), scale, seeds=options.seeds, source=options.data or "",
        features=options.features or _features(out), allow_missing=options.allow_missing,
    )  # fmt: skip
    require(options.hours is None or isfinite(options.hours), f"--hours {options.hours}: no number")
    if options.nice and hasattr(os, "nice"):
        os.nice(options.nice)
    say = partial(console.say, quiet=quiet)
    say(f"{name}, scale {scale}: reading images")
    started, todo = begin(out, plan, quiet)
    console.start_tensorflow()
    run(started, todo, say, options.hours)
    _show(Study.existing(started.path), quiet, options.as_json)


def _features(out: Path) -> str:
    """Those that a study was begun with, before the default was another one, or the default."""
    from tfmedgan.config import DEFAULT_FEATURES
    from tfmedgan.reproduction.study import Study

    is_begun = (out / "study.json").is_file()
    return Study.existing(out).plan.features if is_begun else DEFAULT_FEATURES


def _show(started: "Study", quiet: bool, as_json: bool) -> None:
    from tfmedgan.cli.study_table import entries, tables
    from tfmedgan.reproduction.report import summaries_of, write_reports

    paths = write_reports(started)
    summaries = summaries_of(started)
    if as_json:
        console.result_json(entries(summaries))
        return
    for table in tables(summaries, console.stdout.width):
        console.stdout.print(table)
    for path in () if quiet else paths.values():
        console.result(str(path))


def _report(folders: list[Path], out: Path) -> None:
    require(bool(folders), "report: name the directories of studies, e.g. studies/iut2023-small")
    require(out.suffix == ".md", f"--out {out}: the page is Markdown; give a name that ends in .md")
    check_directory("--out", out.parent)
    from tfmedgan.reproduction.page import write_page

    for path in write_page(folders, out):
        console.result(str(path))


def _record(folders: list[Path], out: Path | None) -> None:
    require(
        len(folders) == 1, "record: name the directory of one study, e.g. studies/iut2023-small"
    )
    from tfmedgan.reproduction.record import write_record
    from tfmedgan.reproduction.study import Study

    out = out or Path(f"{folders[0].resolve()}.tar.xz")
    write_record(Study.existing(folders[0]), out)
    console.result(str(out))


def main() -> None:
    console.run(console.command(study, StudyOptions), "tfmedgan-study")
