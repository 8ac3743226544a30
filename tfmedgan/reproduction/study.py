"""A study: tables of one document at one scale, in a directory that can be gone on with."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.features import NAMES, check_name
from tfmedgan.files import file_sha256, write_json
from tfmedgan.papers import TABLES
from tfmedgan.papers.reported import DEFAULT_SCALE, SCALES, Scale, Table
from tfmedgan.reproduction.results import ResultLog

FIXED = ("document", "scale", "source", "features", "features_sha256", "allow_missing")


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
    from tfmedgan.reproduction.table_kinds import KINDS

    own = {table.name: table for table in TABLES.values() if table.document == document}
    known = ", ".join(sorted({table.document for table in TABLES.values()}))
    require(bool(own), f"unknown document {document!r}; valid: {known}")
    require(scale in SCALES, f"--scale {scale}: valid: {', '.join(SCALES)}")
    for name in tables:
        require(name in own, f"--table {name}: {document} has {', '.join(own)}")
    chosen = [own[name] for name in tables] or [t for t in own.values() if t.kind in KINDS]
    for table in chosen:
        require(table.kind in KINDS, f"{table.key}: tables of kind {table.kind} are not measured")
    count = max(table.scales[scale].seeds for table in chosen) if seeds is None else seeds
    require(1 <= count <= 100, f"--seeds {count}: must be from 1 to 100")
    check_name(features)
    require(features != "classifier", "--features classifier: give random, inception or a path")
    sha256 = "" if features in NAMES else file_sha256(Path(features))
    keys = tuple(table.key for table in chosen)
    return Plan(document, keys, scale, count, source, features, sha256, allow_missing)


@dataclass(frozen=True)
class Study:
    """The directory of a study and how it is to be run."""

    path: Path
    plan: Plan
    quiet: bool = True

    @classmethod
    def open(cls, path: Path, plan: Plan, quiet: bool = True) -> "Study":
        """Begin a study, or go on with the one that is there.

        Tables and seeds may be added; what is there stays.

        Raises:
            InputError: when `path` is no study, or one of another protocol.
        """
        path = Path(path)
        former = read_plan(path) if (path / "study.json").exists() else None
        if former is None:
            require(
                not path.exists() or not any(path.iterdir()),
                f"--out {path}: exists and holds no study; choose another",
            )
            path.mkdir(parents=True, exist_ok=True)
        else:
            _require_same(path, former, plan)
            tables = (*former.tables, *(t for t in plan.tables if t not in former.tables))
            seeds = max(former.seeds, plan.seeds)
            plan = Plan(**{**vars(plan), "tables": tables, "seeds": seeds})
        write_json(path / "study.json", vars(plan))
        return cls(path, plan, quiet)

    @classmethod
    def existing(cls, path: Path) -> "Study":
        """The study in a directory.

        Raises:
            InputError: when there is none.
        """
        return cls(Path(path), read_plan(Path(path)))

    runs = property(lambda self: self.path / "runs")
    splits = property(lambda self: self.path / "splits")
    sample_strips = property(lambda self: self.path / "strips")
    cache = property(lambda self: self.path / "cache")

    @property
    def results(self) -> ResultLog:
        return ResultLog(self.path / "results.jsonl")

    @property
    def tables(self) -> list[Table]:
        return [TABLES[key] for key in self.plan.tables]

    def scale_of(self, table: Table) -> Scale:
        return table.scales[self.plan.scale]

    @cached_property
    def extractor(self):
        """The network behind FID and its like, opened once."""
        from tfmedgan.evaluation.features import open_extractor

        return open_extractor(self.plan.features)


def read_plan(path: Path) -> Plan:
    """The plan in a study's directory.

    Raises:
        InputError: when it is missing or damaged.
    """
    try:
        data = json.loads((path / "study.json").read_text())
        return Plan(**{**data, "tables": tuple(data["tables"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: not the directory of a study: {error}") from error


def _require_same(path: Path, former: Plan, plan: Plan) -> None:
    differs = [
        f"{name} {getattr(former, name) or 'default'}, not {getattr(plan, name) or 'default'}"
        for name in FIXED
        if getattr(former, name) != getattr(plan, name)
    ]
    require(
        not differs,
        f"--out {path}: holds a study of another protocol ({'; '.join(differs)}); choose another",
    )
