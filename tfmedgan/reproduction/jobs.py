"""What a study has to do: jobs, made by kinds of tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tfmedgan.registry import Registry
from tfmedgan.reproduction.results import Result

KINDS = Registry("kind of table")


@dataclass(frozen=True)
class Job:
    """A piece of work that ends in results; an interrupted one can be begun again."""

    what: str  # for progress
    work: float  # seconds on two cores, roughly; only the proportions matter
    run: Callable[[], list[Result]]


@dataclass(frozen=True)
class Kind:
    """How tables of a kind are measured.

    `jobs` gets the study and its tables of all kinds that share the function, and returns
    what is still to be done: cells (table, row, seed) that are in the log are left out.
    """

    better: Mapping[str, str]  # metric → lower | higher | none; all that a reported figure may name
    jobs: Callable  # (Study, list[Table]) → list[Job]
    provenance: Callable  # (Study, Table, list[Result]) → Provenance, for the report
    differences: Callable | None = None  # (Study, Table) → {(row, metric): Mean} from the baseline
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # of values, by metric
    plot: str = "rows"  # rows: a mean and an interval for each; curve: lines over epochs
