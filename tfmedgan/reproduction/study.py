"""A study: tables of one document at one scale, in a folder that can be gone on with."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.features import open_extractor
from tfmedgan.files import append_text, locked, write_json
from tfmedgan.papers import TABLES
from tfmedgan.papers.reported import FLOOR, Scale, Table
from tfmedgan.reporting.formatting import public_name
from tfmedgan.typed import check_types

REAL = "real-"  # begins the name of a strip of real images
FIXED = ("document", "scale", "source", "features", "allow_missing")


@dataclass(frozen=True)
class Plan:
    """What the user asked for."""

    document: str
    tables: tuple[str, ...]  # keys
    scale: str
    seeds: int
    source: str = ""  # empty: that of the scale
    features: str = "random"
    features_sha256: str = ""
    allow_missing: bool = False
    # As the folders of earlier versions, which do not say, go on: trained in float32, measured
    # against the test images alone, without a floor.
    precision: str = "float32"  # empty: that of the scale
    whole_reference: bool = False  # against all images held out, with a floor


@dataclass(frozen=True)
class Result:
    """One figure of one seed; `value` is None where it cannot be measured, and `note` says why."""

    table: str
    row: str
    seed: int
    metric: str  # as reported figures name it, without the extractor
    value: float | None
    low: float | None = None  # interval over images, not over seeds
    high: float | None = None
    protocol: dict = field(default_factory=dict)  # of a `Row`, or of the kind's own making
    run: str = ""
    epochs: int = 0
    note: str = ""


@dataclass(frozen=True)
class Job:
    """A piece of work that ends in results; an interrupted one can be begun again."""

    what: str  # for progress
    work: float  # seconds on two cores, roughly; only the proportions matter
    run: Callable[[], list[Result]]
    cells: frozenset[tuple[str, str, int]] = frozenset()  # (table, row, seed) that it measures
    place: str = ""  # what it writes to: one process at a time; empty: nothing others write to


class ResultLog:
    """`results.jsonl`: lines are added for a whole job or not at all."""

    def __init__(self, path: Path):
        self.path = Path(path)

    def read(self) -> list[Result]:
        """All results, in the order in which they were made.

        Raises:
            InputError: for a file that cannot be read.
        """
        if not self.path.exists():
            return []
        try:
            lines = self.path.read_text().splitlines()
        except (OSError, ValueError):
            raise InputError(f"{self.path}: cannot be read; restore it") from None
        return [self._parsed(number, line) for number, line in enumerate(lines, start=1)]

    def _parsed(self, number: int, line: str) -> Result:
        try:
            values = json.loads(line, parse_constant=_refused)
            check_types(Result, values)
            return Result(**values)
        except (InputError, ValueError, TypeError, AttributeError):
            raise InputError(
                f"{self.path}: line {number} is damaged; restore the file, or remove this line and "
                "the others of its seed, which is then measured again"
            ) from None

    def append(self, results: list[Result]) -> None:
        """Add results; those of cells that another process has added since are left out."""
        with locked(self.path.with_suffix(".lock")):
            done = self.done()
            new = [r for r in results if (r.table, r.row, r.seed) not in done]
            lines = (json.dumps(asdict(r), allow_nan=False, ensure_ascii=False) for r in new)
            append_text(self.path, "".join(f"{line}\n" for line in lines))

    def done(self) -> set[tuple[str, str, int]]:
        """(table, row, seed) of everything that was measured."""
        return {(result.table, result.row, result.seed) for result in self.read()}


def _refused(constant: str) -> float:
    """What JSON has no words for, NaN and the like."""
    raise ValueError(constant)


@dataclass(frozen=True)
class Study:
    """The folder of a study and how it is to be run."""

    path: Path
    plan: Plan
    quiet: bool = True

    @classmethod
    def open(cls, path: Path, plan: Plan, quiet: bool = True) -> "Study":
        """Begin a study, or go on with the one that is there.

        Tables and seeds may be added, images and features may have moved; what is there stays.
        Nobody who asks for one table waits for the others: the study that is returned has the
        tables and seeds of `plan`, the folder those of all plans.

        Raises:
            InputError: when `path` is no study, or one of another protocol.
        """
        path, whole = Path(path), plan
        if (path / "study.json").exists():
            whole = _extended(path, read_plan(path), plan)
        else:
            require(
                not path.exists() or (path.is_dir() and not list(path.glob("[!.]*"))),
                f"--out {path}: exists and holds no study; choose another",
            )
            path.mkdir(parents=True, exist_ok=True)
        write_json(path / "study.json", vars(whole))
        return cls(path, replace(whole, tables=plan.tables, seeds=plan.seeds), quiet)

    @classmethod
    def existing(cls, path: Path) -> "Study":
        """The study in a folder.

        Raises:
            InputError: when there is none.
        """
        return cls(Path(path), read_plan(Path(path)))

    runs = property(lambda self: self.path / "runs")
    splits = property(lambda self: self.path / "splits")
    sample_strips = property(lambda self: self.path / "strips")
    cache = property(lambda self: self.path / "cache")
    results = property(lambda self: ResultLog(self.path / "results.jsonl"))
    tables = property(lambda self: [TABLES[key] for key in self.plan.tables])

    def real_strip(self, shape: tuple[int, ...]) -> Path:
        """Where a line of real images of this size is kept."""
        return self.sample_strips / f"{REAL}{'x'.join(map(str, shape))}.png"

    def scale_of(self, table: Table) -> Scale:
        scale = table.scales[self.plan.scale]
        return replace(scale, precision=self.plan.precision or scale.precision)

    def labels_of(self, table: Table) -> tuple[str, ...]:
        """Labels of the table's rows, the floor first where there is one."""
        floor = (FLOOR,) if self.plan.whole_reference and table.kind == "synthesis" else ()
        return (*floor, *(row.label for row in table.rows))

    def cells_left(self, tables: list[Table]) -> set[tuple[str, str, int]]:
        """(table, row, seed) of everything that is still to be measured."""
        seeds = range(self.plan.seeds)
        planned = {
            (t.key, label, seed) for t in tables for label in self.labels_of(t) for seed in seeds
        }
        return planned - self.results.done()

    def claim(self, job: Job, wait: bool):
        """The lock of what a job writes to, as in `locked`."""
        folder = self.path / "claims"
        folder.mkdir(exist_ok=True)
        return locked(folder / f"{job.place or job.what.replace('/', '-')}.lock", wait)

    @cached_property
    def extractor(self):
        """The network behind FID and its like, opened once."""
        return open_extractor(self.plan.features)


def read_plan(path: Path) -> Plan:
    """The plan in a study's folder.

    Raises:
        InputError: when it is missing or damaged.
    """
    try:
        data = json.loads((path / "study.json").read_text())
        return Plan(**{**data, "tables": tuple(data["tables"])})
    except (OSError, ValueError, TypeError, KeyError):
        raise InputError(
            f"{path}: not the directory of a study, whose study.json says what it measures"
        ) from None


def _extended(path: Path, former: Plan, plan: Plan) -> Plan:
    """The plan with all tables and seeds of both, and the places of images and features now."""
    before, now = _protocol(former), _protocol(plan)
    differs = [
        f"{name} {before[name] or 'default'}, not {now[name] or 'default'}"
        for name in FIXED
        if before[name] != now[name]
    ]
    require(
        not differs,
        f"--out {path}: holds a study of another protocol ({'; '.join(differs)}); choose another",
    )
    tables = tuple(dict.fromkeys((*former.tables, *plan.tables)))
    return replace(
        former, tables=tables, seeds=max(former.seeds, plan.seeds), source=plan.source,
        features=plan.features,
    )  # fmt: skip


def _protocol(plan: Plan) -> dict:
    """What may not change, without the places where images and features lie."""
    features = f"{Path(plan.features).name} {plan.features_sha256[:12]}".strip()
    return {**vars(plan), "source": public_name(plan.source), "features": features}
