"""What both studies of synthetic images share on the command line: running arms, showing them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tfmedgan import durations
from tfmedgan.cli import console
from tfmedgan.cli.supervised import NO_DEVICE
from tfmedgan.cli.tables import Table
from tfmedgan.errors import Interrupted

FRACTIONS = "60:15:25"  # more test images than elsewhere: the study is about them


def study_folder(out: Path | None) -> Path:
    """Where a study is, or a new folder."""
    out = out or console.new_run("study")
    if not out.exists():
        console.check_new_directory("--out", out)
    return out


def run(run_study: Callable, planned: Any, out: Path, quiet: bool) -> Any:
    """The folder of the finished study, as `run_study` returns it.

    Raises:
        Interrupted: after Ctrl-C, saying how to go on.
    """
    with console.counting(quiet) as progress:
        try:
            return run_study(planned, out, progress=progress, trained=None if quiet else Lines())
        except (KeyboardInterrupt, Interrupted):
            raise Interrupted(
                f"stopped; what was trained is kept in {out}, the same command goes on with it"
            ) from None


def show(options: Any, out: Path, results: list, table: Table, sentences: Iterable[str]) -> None:
    """Print what a study found."""
    if options.as_json:
        console.result_json([asdict(arm) for arm in results])
        return
    console.stdout.print(table)
    for sentence in sentences:
        console.stdout.print(f"· {sentence}")
    if not options.quiet:
        console.result(f"report: {out / 'report.html'}")
    console.say(NO_DEVICE, options.quiet)


class Lines:
    """A line on stderr before each training, with the time that is left."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.first: int | None = None

    def __call__(self, done: int, total: int, what: str) -> None:
        self.first = done if self.first is None else self.first
        left = ""
        if done > self.first:
            pace = (time.monotonic() - self.started) / (done - self.first)
            left = f"; about {durations.in_words(pace * (total - done))} left"
        console.say(f"[{done}/{total}] {what}{left}")
