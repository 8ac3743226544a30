"""From a study's plan to its results: job after job, with the time that is left."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from tfmedgan import durations
from tfmedgan.errors import InputError, Interrupted, JobError
from tfmedgan.files import write_json
from tfmedgan.reproduction.jobs import Job
from tfmedgan.reproduction.study import Plan, Study
from tfmedgan.reproduction.table_kinds import KINDS


def begin(path: Path, plan: Plan, quiet: bool = True) -> tuple[Study, list[Job]]:
    """Begin a study or go on with one, and say what is left to do; TensorFlow is not needed.

    Raises:
        InputError: for images that do not suit a table; a new directory is removed again.
    """
    new = not path.exists()
    study = Study.open(path, plan, quiet)
    try:
        return study, jobs(study)
    except InputError:
        if new:
            shutil.rmtree(path)
        raise


def run(study: Study, todo: list[Job], say=lambda line: None) -> None:
    """Do the jobs; results are written one by one.

    Args:
        todo: what `jobs` gave.
        say: called with a line before the first job and after each.

    Raises:
        JobError: when a training fails; what was measured before it stays.
        Interrupted: after Ctrl-C; the same command goes on.
    """
    if todo:
        _record_machine(study)
    clock = Clock(sum(job.work for job in todo))
    say(f"{study.plan.document}, scale {study.plan.scale}: {len(todo)} jobs to do, in {study.path}")
    for number, job in enumerate(todo, 1):
        _do(study, job)
        clock.done(job.work)
        say(f"[{number}/{len(todo)}] {job.what}: {clock.words()}")


def jobs(study: Study) -> list[Job]:
    """All that is left to do, the kinds of tables one after the other."""
    by_function: dict = {}
    for table in study.tables:
        by_function.setdefault(KINDS[table.kind].jobs, []).append(table)
    return [job for function, tables in by_function.items() for job in function(study, tables)]


def _do(study: Study, job: Job) -> None:
    try:
        study.results.append(job.run())
    except (Interrupted, KeyboardInterrupt):
        raise Interrupted(
            f"stopped during {job.what}; what was measured is kept, the same command goes on"
        ) from None
    except JobError as error:
        raise JobError(f"{job.what}: {error}") from error


@dataclass
class Clock:
    """How long it has taken and will take, from the work that is done."""

    total: float
    passed: float = 0.0
    started: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)

    def done(self, work: float) -> None:
        self.passed += work
        self.took, self.last = time.monotonic() - self.last, time.monotonic()

    def words(self) -> str:
        left = (self.total - self.passed) * (self.last - self.started) / self.passed
        return f"{self.took:.0f} s; about {durations.in_words(left)} left"


def _record_machine(study: Study) -> None:
    """environment.json: versions and hardware, as of the last call."""
    from tfmedgan.machine import describe_machine

    write_json(study.path / "environment.json", describe_machine())
