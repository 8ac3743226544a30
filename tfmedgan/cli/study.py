"""tfmedgan-study: measure a document's tables again, and print them beside what it reports."""

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.errors import require
from tfmedgan.papers.reported import DEFAULT_SCALE


def study(
    name: Annotated[
        str,
        typer.Argument(
            help="A document (aims2023, dfu-dcgan, dfu-lstm, iut2023, vuw-covid); `list` for its "
            "tables and what they cost; `report` for one page of several studies."
        ),
    ],
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR", help="Studies, for `report` only.")
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="One of its tables, as `list` names it; may be given again. All."),
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            help="smoke: phantoms, minutes. small: real images, an hour or so on two cores. "
            "paper: the document's own values."
        ),
    ] = DEFAULT_SCALE,
    data: Annotated[
        str | None, typer.Option(help="Images, as for tfmedgan-train; those of the scale.")
    ] = None,
    features: Annotated[
        str, typer.Option(help="random, inception, or a Keras model file or SavedModel.")
    ] = "random",
    seeds: Annotated[int | None, typer.Option(help="Trainings of each row; 2, 3 or 5.")] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Go on without images listed but absent.")
    ] = False,
    hours: Annotated[
        float | None,
        typer.Option(help="Stop after so many hours; the same command goes on.", min=0),
    ] = None,
    nice: Annotated[
        int, typer.Option(help="Lower the priority of the process, 1 to 19.", min=0, max=19)
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Directory, studies/NAME-SCALE; of `report` a file, docs/results.md."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the result only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
):
    """Train what a table needs, with several seeds, and write it reported beside reproduced.

    Give the same command again to go on with a study that was stopped or killed, or at the same
    time to share its work.
    """
    require(name == "report" or not folders, f"{folders}: directories are for `report` only")
    if name == "list":
        from tfmedgan.cli.study_list import print_tables

        print_tables(as_json)
    elif name == "report":
        _report(folders or [], out or Path("docs/results.md"))
    else:
        from tfmedgan.reproduction.run import make_plan

        if hasattr(os, "nice"):
            os.nice(nice)
        plan = make_plan(
            name, tuple(table or ()), scale, seeds=seeds, source=data or "", features=features,
            allow_missing=allow_missing,
        )  # fmt: skip
        _study(plan, out or Path("studies") / f"{name}-{scale}", hours, quiet, as_json)


def _study(plan, out: Path, hours: float | None, quiet: bool, as_json: bool) -> None:
    from tfmedgan.reproduction.run import begin, run

    say = _silent if quiet else _say
    say(f"{plan.document}, scale {plan.scale}: reading images")
    started, todo = begin(out, plan, quiet)
    console.start_tensorflow()
    run(started, todo, say, hours)
    _show(started, quiet, as_json)


def _say(line: str) -> None:
    console.stderr.print(line, soft_wrap=True, markup=False)


def _silent(line: str) -> None:
    pass


def _show(started, quiet: bool, as_json: bool) -> None:
    from tfmedgan.cli.study_table import entries, tables
    from tfmedgan.reproduction.report import summaries_of, write_reports

    paths = write_reports(started)
    summaries = summaries_of(started)
    if as_json:
        print(json.dumps(entries(summaries), allow_nan=False))
        return
    for table in tables(summaries):
        console.stdout.print(table)
    if not quiet:
        for path in paths.values():
            console.stdout.print(str(path), soft_wrap=True, markup=False)


def _report(folders: list[Path], out: Path) -> None:
    require(bool(folders), "report: name the directories of studies, e.g. studies/iut2023-small")
    require(out.suffix == ".md", f"--out {out}: the page is Markdown; give a name that ends in .md")
    from tfmedgan.reproduction.page import write_page

    for path in write_page(folders, out):
        console.stdout.print(str(path), soft_wrap=True, markup=False)


def main() -> None:
    console.run(console.command(study), "tfmedgan-study")
