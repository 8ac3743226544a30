"""A figure with everything that it depends on, as one JSON line."""

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tfmedgan.errors import InputError, JobError, require
from tfmedgan.evaluation.own_names import estimate_of
from tfmedgan.files import append_text
from tfmedgan.typed import check_types

COMPARED = (  # all but the seed, which only chooses what is drawn
    "n_real", "n_fake", "extractor", "extractor_sha256", "features", "resizer",
    "image_size", "reference", "reference_digest", "classes",
)  # fmt: skip


@dataclass(frozen=True)
class Protocol:
    """How a figure was made; figures of different protocols cannot be compared."""

    n_real: int
    n_fake: int
    extractor: str  # "pixels" where no network is used
    extractor_sha256: str
    features: int  # length of a feature vector; 0 for pixels
    resizer: str
    image_size: tuple[int, ...]  # height, width, channels of the fakes; empty: several sizes
    reference: str  # which real images
    reference_digest: str  # SHA-256 of their pixels
    classes: tuple[str, ...]
    seed: int


@dataclass(frozen=True)
class Row:
    """One figure; `low` and `high` bound its 95 % interval."""

    metric: str  # with the features' name: kid_random, fid_768_inception2015, cmmd
    value: float
    low: float | None
    high: float | None
    protocol: Protocol
    run: str
    interval: str = ""  # how low and high were made
    note: str = ""

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the interval; infinite where there is none, so that nothing lies beyond."""
        return (
            -math.inf if self.low is None else self.low,
            math.inf if self.high is None else self.high,
        )

    @property
    def estimate(self) -> str:
        """The metric's name without the extractor's."""
        return estimate_of(self.metric, self.protocol.extractor)

    def to_json(self) -> str:
        return json.dumps(asdict(self), allow_nan=False, ensure_ascii=False)

    @classmethod
    def from_dict(cls, data: dict, origin: str = "row") -> "Row":
        """The row that `to_json` wrote.

        Raises:
            InputError: for missing or unknown fields.
        """
        try:
            protocol = dict(data["protocol"])
            for name in ("classes", "image_size"):
                protocol[name] = tuple(protocol[name])
            values = {**data, "protocol": Protocol(**protocol)}
            check_types(Protocol, protocol)
            check_types(cls, values)
            return cls(**values)
        except InputError as error:
            raise InputError(f"{origin}: not a row of an evaluation: {error}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{origin}: not a row of an evaluation; a field is missing or unknown"
            ) from error


def check_value(metric: str, value: float, bounds: tuple[float, float]) -> float:
    """The value, if the metric can take it: an SSIM of 16.4 is a PSNR in the wrong column.

    Raises:
        JobError: for a value that is not finite or out of bounds.
    """
    low, high = bounds
    if not math.isfinite(value) or not low <= value <= high:
        raise JobError(f"{metric} came out as {value}; possible are values from {low} to {high}")
    return float(value)


def difference(row: Row, baseline: Row) -> float:
    """`row.value - baseline.value`.

    Raises:
        InputError: naming what differs, when metric or protocol are not the same.
    """
    if row.metric != baseline.metric:
        raise InputError(f"{row.metric} and {baseline.metric} cannot be compared")
    ours, theirs = asdict(row.protocol), asdict(baseline.protocol)
    unequal = [name for name in COMPARED if ours[name] != theirs[name]]
    listed = "; ".join(f"{name} {ours[name]!r} and {theirs[name]!r}" for name in unequal)
    require(
        not unequal,
        f"{row.metric}: protocols differ, so the values cannot be compared: {listed}; "
        "evaluate both with the same options",
    )
    return row.value - baseline.value


def read_rows(path: str | Path) -> list[Row]:
    """The rows of a `rows.jsonl`.

    Raises:
        InputError: when it cannot be read.
    """
    try:
        lines = Path(path).read_text().splitlines()
        data = [json.loads(line) for line in lines if line.strip()]
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path}: holds a line that is no JSON") from error
    known = {field.name for field in fields(Row)}
    require(
        all(isinstance(item, dict) and set(item) <= known for item in data),
        f"{path}: holds lines that are not rows of an evaluation",
    )
    return [Row.from_dict(item, str(path)) for item in data]


def append_rows(path: Path, rows: list[Row]) -> None:
    """Add rows at the end of a `rows.jsonl`, all or none of them."""
    append_text(path, "".join(f"{row.to_json()}\n" for row in rows))
