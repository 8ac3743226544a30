"""From what the user asked for to results: a plan, its jobs one by one, the time that is left."""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from tfmedgan import durations
from tfmedgan.errors import InputError, Interrupted, JobError, require
from tfmedgan.evaluation.features import NAMES, check_name, file_sha256
from tfmedgan.files import write_json
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
    features: str = "random",
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
    require(features != "classifier", "--features classifier: give random, inception or a path")
    sha256 = "" if features in NAMES else file_sha256(Path(features))
    keys = tuple(table.key for table in chosen)
    return Plan(document, keys, scale, count, source, features, sha256, allow_missing)


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


def run(study: Study, todo: list[Job], say=lambda line: None) -> None:
    """Do the jobs; results are written one by one.

    Args:
        todo: what `jobs` gave.
        say: called with a line before the first job and after each.

    Raises:
        JobError: when a training fails; what was measured before it stays.
        Interrupted: after Ctrl-C; the same command goes on.
    """
    if todo:  # versions and hardware, as of the last call that trained
        write_json(study.path / "environment.json", describe_machine())
    clock = Clock(sum(job.work for job in todo))
    say(f"{study.plan.document}, scale {study.plan.scale}: {len(todo)} jobs to do, in {study.path}")
    for number, job in enumerate(todo, 1):
        _do(study, job)
        clock.done(job.work)
        say(f"[{number}/{len(todo)}] {job.what}: {clock.words()}")


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
