"""From what the user asked for to results: a plan, its jobs one by one, the time that is left."""

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from tfmedgan import durations
from tfmedgan.config import DEFAULT_FEATURES
from tfmedgan.errors import InputError, Interrupted, JobError, require
from tfmedgan.evaluation.features import NAMES, check_name
from tfmedgan.files import file_sha256, write_json
from tfmedgan.machine import describe_machine
from tfmedgan.papers import TABLES
from tfmedgan.papers.reported import DEFAULT_SCALE, SCALES
from tfmedgan.reproduction.study import Job, Plan, Study
from tfmedgan.reproduction.table_kinds import KINDS


def make_plan(
    document: str,
    tables: tuple[str, ...] = (),
    scale: str = DEFAULT_SCALE,
    *,
    seeds: int | None = None,
    source: str = "",
    features: str = DEFAULT_FEATURES,
    allow_missing: bool = False,
) -> Plan:
    """A plan, checked; without `tables`, all of the document.

    Raises:
        InputError: for an unknown document, table, scale or extractor, naming the valid ones.
    """
    own = {table.name: table for table in TABLES.values() if table.document == document}
    known = ", ".join(sorted({table.document for table in TABLES.values()}))
    require(bool(own), f"unknown document {document!r}; valid: {known}")
    require(scale in SCALES, f"--scale {scale}: valid: {', '.join(SCALES)}")
    for name in tables:
        require(name in own, f"--table {name}: {document} has {', '.join(own)}")
    chosen = [own[name] for name in tables or own]
    count = max(table.scales[scale].seeds for table in chosen) if seeds is None else seeds
    require(1 <= count <= 100, f"--seeds {count}: must be from 1 to 100")
    check_name(features)
    require(
        features != "classifier",
        "--features classifier: give multiscale, inception, radiomics or a path",
    )
    sha256 = "" if features in NAMES else file_sha256(Path(features))
    keys = tuple(table.key for table in chosen)
    return Plan(
        document, keys, scale, count, source, features, sha256, allow_missing,
        precision="", whole_reference=True,
    )  # fmt: skip


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


def jobs(study: Study) -> list[Job]:
    """All that is left to do, the kinds of tables one after the other.

    The images are looked at for kinds that have cells left only: a finished study needs none.
    """
    by_function: dict = {}
    for table in study.tables:
        by_function.setdefault(KINDS[table.kind].jobs, []).append(table)
    return [
        job
        for function, tables in by_function.items()
        if study.cells_left(tables)
        for job in function(study, tables)
    ]


def run(study: Study, todo: list[Job], say=lambda line: None, hours: float | None = None) -> int:
    """Do the jobs; results are written one by one.

    Several processes may work on one study: a job that another has begun is left to it, and waited
    for at the end. What a killed one leaves is gone on with.

    Args:
        todo: what `jobs` gave.
        say: called with a line before the first job and after each.
        hours: after which to stop as after Ctrl-C, but without an error.

    Returns:
        The number of jobs that are left.

    Raises:
        JobError: when a training fails; what was measured before it stays.
        Interrupted: after Ctrl-C; the same command goes on.
    """
    if todo:  # versions and hardware, as of the last call that trained
        write_json(study.path / "environment.json", describe_machine())
    clock = Clock(sum(job.work for job in todo))
    say(f"{study.plan.document}, scale {study.plan.scale}: {len(todo)} jobs to do, in {study.path}")
    left, limit = list(todo), TimeLimit(hours)
    try:
        with limit:
            for job in _done_in_turn(study, left, limit):
                clock.done(job.work)
                say(f"[{len(todo) - len(left)}/{len(todo)}] {job.what}: {clock.progress()}")
    except (Interrupted, KeyboardInterrupt):
        if not limit.is_over:
            raise
    if left:
        say(
            f"stopped after {hours:g} hours; {len(left)} of {len(todo)} jobs are left"
            f"{clock.time_left()}; the same command goes on"
        )
    return len(left)


def _done_in_turn(study: Study, left: list[Job], limit: "TimeLimit") -> Iterator[Job]:
    """Each job when it is done and off the list; those that others are at come last."""
    for wait in (False, True):
        for job in list(left):
            if limit.is_over:
                raise KeyboardInterrupt
            if _do(study, job, wait):
                left.remove(job)
                yield job


class TimeLimit:
    """A context that sends Ctrl-C after so many hours: a training then saves what it has."""

    def __init__(self, hours: float | None):
        self.end = inf if hours is None else time.monotonic() + hours * 3600

    def __enter__(self):
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        self.heeds = ignored and self.end < inf  # of what a script puts into the background
        if self.heeds:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        seconds = min(max(0.0, self.end - time.monotonic()), threading.TIMEOUT_MAX)
        self.timer = threading.Timer(seconds, _interrupt)
        self.timer.daemon = True
        self.timer.start()

    def __exit__(self, *_):
        self.timer.cancel()
        self.timer.join()  # or its Ctrl-C could come when nobody waits for it any more
        if self.heeds:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.end


def _interrupt() -> None:
    if hasattr(signal, "pthread_kill"):  # wakes the main thread, too, where it waits for a lock
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


def _do(study: Study, job: Job, wait: bool) -> bool:
    """Do a job unless it is done; False if another process is at it and is not waited for."""
    with study.claim(job, wait) as claimed:
        if claimed and not (job.cells and job.cells <= study.results.done()):
            try:
                study.results.append(job.run())
            except (Interrupted, KeyboardInterrupt):
                raise Interrupted(
                    f"stopped during {job.what}; what was measured is kept, the same command goes "
                    "on"
                ) from None
            except JobError as error:
                raise JobError(f"{job.what}: {error}") from error
        return claimed


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

    def progress(self) -> str:
        return f"{self.took:.0f} s{self.time_left()} left"

    def time_left(self) -> str:
        """ "; about 5 min"; nothing before the first job is done."""
        if not self.passed:
            return ""
        left = (self.total - self.passed) * (self.last - self.started) / self.passed
        return f"; about {durations.in_words(left)}"
