"""What tfmedgan-classify and tfmedgan-segment share: training a run, and scores of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tfmedgan.cli import console
from tfmedgan.cli.options import refuse_others
from tfmedgan.cli.resolve import folder_name
from tfmedgan.cli.tables import Table
from tfmedgan.errors import Interrupted
from tfmedgan.reporting.formatting import public_name

NO_DEVICE = "For research only: no medical device, and no basis for a diagnosis."


@dataclass(frozen=True)
class Training:
    """How a command trains."""

    command: str
    module: str  # that has `train` and `resume`; it loads TensorFlow
    sentence: Callable[[dict], str]  # what a user is told of summary.json


def begin(training: Training, options: Any, experiment: Any, out: Path, prepare: Callable) -> None:
    """Train a new run in `out`, on what `prepare` makes of the experiment's data."""
    quiet = options.quiet
    with console.counting(quiet) as progress:
        data = prepare(experiment.data, experiment.seed, progress)
    console.show_notes(data.notes, quiet)
    console.start_tensorflow()
    train = import_module(training.module).train
    console.say(f"{experiment.name}: run directory {out}", quiet)
    try:
        summary = train(experiment, out, data=data, progress=not quiet)
    except KeyboardInterrupt:
        if not out.exists():  # nothing was begun
            raise
        raise Interrupted(
            f"stopped; whole epochs are kept, go on with: {training.command} train --resume {out}"
        ) from None
    _report(training, out, summary, options.as_json)


def go_on(training: Training, options: Any) -> None:
    """Go on with the run that --resume names."""
    reason = "--resume goes on with the run's own values"
    refuse_others(options, reason, "resume", "quiet", "as_json")
    check_run(options.resume)
    console.start_tensorflow()
    resume = import_module(training.module).resume
    summary = resume(options.resume, progress=not options.quiet)
    _report(training, options.resume, summary, options.as_json)


def check_run(path: Path) -> None:
    """Raise `InputError` for what is no run directory, before TensorFlow loads."""
    from tfmedgan.run_directory import TrainingDirectory

    TrainingDirectory.open(path)


def _report(training: Training, path: Path, summary: dict, as_json: bool) -> None:
    if as_json:
        console.result_json({"run": str(path), **summary})
        return
    epochs = f"{summary['epochs']} epochs, best {summary['best_epoch']}"
    console.result(f"{path}: {epochs}; {training.sentence(summary)}")


def show_scores(
    options: Any, assessment: Any, write: Callable, rows: Iterable = (), below: Iterable = ()
) -> None:
    """Write an assessment and print its scores.

    Args:
        rows: further ones, for --json.
        below: tables and sentences to print below the scores.
    """
    console.show_notes(assessment.notes, options.quiet)
    out = options.out or options.run / _folder(options.against)
    write(assessment, out)
    if options.as_json:
        console.result_json([*assessment.rows, *rows])
        return
    for block in (scores_table(assessment.rows), *below):
        console.stdout.print(block)
    if not options.quiet:
        console.result(f"files: {out}")


def _folder(against: str | None) -> str:
    """Where scores go in a run; those of other images not in place of those of its test part."""
    if not against:
        return "evaluation"
    is_place = Path(against).exists()
    name = folder_name(against) if is_place else public_name(against).replace(":", "-")
    return f"evaluation-{name}"


def scores_table(rows: list[dict]) -> Table:
    """The scores of a network; what they are of stands above."""
    protocol = rows[0]["protocol"]
    bounds = ["" if r["low"] is None else f"{r['low']:.3f} to {r['high']:.3f}" for r in rows]
    cells = [(r["metric"], f"{r['value']:.3f}", b) for r, b in zip(rows, bounds, strict=True)]
    title = f"{protocol['n_test']} images: {protocol['test']}"
    return Table(("score", "value", "95 % interval"), cells, title)
