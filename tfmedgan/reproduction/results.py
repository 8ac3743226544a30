"""What was measured for one cell of a table with one seed, as JSON lines."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tfmedgan.errors import InputError
from tfmedgan.files import append_text


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
            return [Result(**json.loads(line)) for line in self.path.read_text().splitlines()]
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"{self.path}: not the results of a study: {error}") from error

    def append(self, results: list[Result]) -> None:
        lines = (json.dumps(asdict(r), allow_nan=False, ensure_ascii=False) for r in results)
        append_text(self.path, "".join(f"{line}\n" for line in lines))

    def done(self) -> set[tuple[str, str, int]]:
        """(table, row, seed) of everything that was measured."""
        return {(result.table, result.row, result.seed) for result in self.read()}
