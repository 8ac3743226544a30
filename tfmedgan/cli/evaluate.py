"""tfmedgan-evaluate: how good the images of a run, or of any folder, are."""

import json
from pathlib import Path
from typing import Annotated

import typer

from tfmedgan.cli import console
from tfmedgan.errors import require


def evaluate(
    subject: Annotated[
        str, typer.Argument(metavar="RUN|FOLDER", help="Run directory, or a folder of images.")
    ],
    against: Annotated[
        str | None,
        typer.Option(help="Real images, as for --data; a FOLDER needs them, a RUN has its own."),
    ] = None,
    metrics: Annotated[
        str | None, typer.Option(help="Names with commas between: kid,fid,recall,inception_score.")
    ] = None,
    features: Annotated[
        str,
        typer.Option(help="random, inception, classifier, or a Keras model file or SavedModel."),
    ] = "random",
    num: Annotated[
        int | None, typer.Option(help="How many generated images; 1000, or all of a FOLDER.")
    ] = None,
    pairs: Annotated[
        bool,
        typer.Option("--pairs", help="PSNR and SSIM of FOLDER and --against, file by file name."),
    ] = False,
    copies: Annotated[
        bool, typer.Option("--copies/--no-copies", help="Look for copies of training images.")
    ] = True,
    compare: Annotated[
        Path | None, typer.Option(help="rows.jsonl of the same protocol; adds the difference.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where; RUN/evaluation, or evaluation/FOLDER.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the generated images and of all subsets.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the result only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
):
    """Metrics with intervals, a check for copies, and report.html, which needs no network."""
    names = _checked(subject, metrics, features, num, seed)
    baseline = _baseline(compare)
    if pairs:
        rows, signs, paths = _pairs(subject, against, names, seed), [], {}
    else:
        rows, signs, paths = _assess(
            subject, against, names, features, num, copies, out, seed, quiet
        )
    from tfmedgan.cli.evaluate_table import with_differences

    entries = with_differences(rows, baseline)
    if as_json:
        print(json.dumps(entries, allow_nan=False))
        return
    _show(entries, signs, paths, quiet)


def _checked(subject: str, metrics: str | None, features: str, num, seed: int) -> tuple[str, ...]:
    """The names of metrics; everything that can be wrong without looking at an image."""
    from tfmedgan.evaluation.features import check_name
    from tfmedgan.evaluation.metrics import select

    require(Path(subject).is_dir(), f"{subject}: no such run directory or folder of images")
    require(num is None or num >= 10, f"--num {num}: must be at least 10")
    require(0 <= seed < 2**31, f"--seed {seed}: must be in [0, 2^31)")
    names = tuple(name.strip() for name in (metrics or "").split(",") if name.strip())
    select(names)
    check_name(features)
    return names


def _baseline(path: Path | None) -> list:
    from tfmedgan.evaluation.rows import read_rows

    return read_rows(path) if path else []


def _is_run(subject: str) -> bool:
    return (Path(subject) / "config.json").is_file()


def _assess(subject, against, names, features, num, copies, out, seed, quiet):
    from tfmedgan.evaluation.comparison import refuse_pairs
    from tfmedgan.evaluation.metrics import select

    refuse_pairs(select(names))
    run = _is_run(subject)
    require(run or against, f"{subject}: is no run directory; add --against SOURCE")
    default = Path(subject) / "evaluation" if run else Path("evaluation") / Path(subject).name
    out = out or default
    console.start_tensorflow()
    from tfmedgan.evaluation import assessment, inputs, report
    from tfmedgan.evaluation.cache import FeatureCache

    with console.counting(quiet) as progress:
        open_inputs = inputs.run_inputs if run else inputs.folder_inputs
        options = {} if num is None else {"num": num}
        given = open_inputs(subject, against=against, seed=seed, progress=progress, **options)
        console.show_notes(given.notes, quiet)
        found = assessment.assess(
            given, names, features, seed=seed, copies=copies,
            cache=FeatureCache(out / "cache"), progress=progress,
        )  # fmt: skip
        paths = report.write(found, out)
    verdict = found.copies.verdict["verdict"] if found.copies else "copies were not checked"
    drawn = [inputs.PHANTOM] if given.phantom else []
    return found.rows + found.class_rows, [*found.refused, *found.alarms, *drawn, verdict], paths


def _pairs(subject, against, names, seed):
    require(against is not None, "--pairs: add --against SOURCE, with files of the same names")
    from tfmedgan.evaluation.comparison import EvaluatedSet, evaluate
    from tfmedgan.evaluation.pairs import named_pairs

    fake, real = named_pairs(subject, against)
    chosen = names or ("psnr", "ssim")
    named = EvaluatedSet(Path(subject).name, f"pairs in {against}")
    return evaluate(fake, real, chosen, pairs=True, seed=seed, evaluated=named)


def _show(entries, signs, paths, quiet) -> None:
    from tfmedgan.cli.evaluate_table import tables

    for table in tables(entries):
        console.stdout.print(table)
    if quiet:
        return
    for sign in signs:
        console.stdout.print(f"· {sign}", markup=False)
    if "report" in paths:
        console.stdout.print(f"report: {paths['report']}", soft_wrap=True, markup=False)


def main() -> None:
    console.run(console.command(evaluate), "tfmedgan-evaluate")
