"""Running a study of arms and saying what it found: `tfmedgan-classify` and `tfmedgan-segment`."""

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tfmedgan import durations
from tfmedgan.cli import console, places
from tfmedgan.cli.supervised import NO_DEVICE
from tfmedgan.cli.tables import Table
from tfmedgan.data.columns import column_values
from tfmedgan.downstream.config import ArmStudy
from tfmedgan.errors import Interrupted
from tfmedgan.files import read_json_if_there

FRACTIONS = "60:15:25"  # more test images than elsewhere: the study is about them


def run(options: Any, planned: ArmStudy, table: Callable[[Any], Table], by: str = "") -> None:
    """Run the study, or go on with it, and print what it found.

    Args:
        table: its findings → a line for each arm.
        by: column of the data whose values make subgroups.
    """
    quiet = options.quiet
    out = options.out or places.new_run("study")
    if not out.exists():
        places.check_new_directory("--out", out)
    places.check_directory("--out", out)
    if by and read_json_if_there(out / "subgroups.json").get("column") != by:
        column_values(options.data, by)  # an unknown column raises, before hours of work
    console.say(f"study in {out}", quiet)
    console.start_tensorflow()
    from tfmedgan.downstream.report import write_report
    from tfmedgan.downstream.run import run_study

    with console.counting(quiet) as progress:
        try:
            place = run_study(planned, out, progress=progress, trained=None if quiet else Lines())
        except (KeyboardInterrupt, Interrupted):
            raise Interrupted(
                f"stopped; what was trained is kept in {out}, the same command goes on with it"
            ) from None
    findings = write_report(place, by)
    if options.as_json:
        console.result_json([asdict(arm) for arm in findings.results])
        return
    console.stdout.print(table(findings))
    for sentence in findings.sentences:
        console.stdout.print(f"· {sentence}")
    if not quiet:
        console.result(f"report: {out / 'report.html'}")
    console.say(NO_DEVICE, quiet)


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
