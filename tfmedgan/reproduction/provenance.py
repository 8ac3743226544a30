"""What a reader has to know of how a table was measured; none of it asks for the images again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tfmedgan.config import Experiment
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.scaling import LABELS
from tfmedgan.run_directory import RunDirectory
from tfmedgan.serialization import encode


@dataclass(frozen=True)
class Provenance:
    """Of one table."""

    deviations: tuple[str, ...] = ()  # from the document, by the scale and in general
    unstated: tuple[str, ...] = ()  # what the document leaves out
    data: dict[str, str] = field(default_factory=dict)
    smaller: tuple[str, ...] = ()  # those of the deviations that a reader has to see at once
    comparable: bool = False  # whether nothing was made smaller, and the data set is the same


def data_facts(record: dict) -> dict[str, str]:
    """A run's record of its images, its data.json, in words."""
    counts = ", ".join(f"{part} {numbers['all']}" for part, numbers in record["counts"].items())
    missing = record["card"].get("missing", ())
    return {
        "data set": str(record["card"].get("title", public_name(record["source"]))),
        "source": public_name(record["source"]),
        "classes": ", ".join(record["classes"]) or "none",
        "images": counts,
        **({"listed but absent": str(len(missing))} if missing else {}),
        "digest of the images": record["digest"],
        "split of images": "one for all rows and seeds",
    }


def precision_of(folder: Path) -> str:
    """That of the first run in a folder; float32 where there is none yet."""
    runs = sorted(folder.rglob("config.json"))
    return RunDirectory.open(runs[0].parent).experiment.precision if runs else "float32"


def changes(pairs: Iterable[tuple[Experiment, Experiment]]) -> list[str]:
    """What differs between documents' experiments and those that were trained, a line a field.

    Args:
        pairs: (the document's, the one that was trained) for each row of a table.
    """
    fields: dict[str, dict[tuple[str, str], None]] = {}
    for document, trained in pairs:
        before, after = _flat(encode(document)), _flat(encode(trained))
        for name in before | after:
            if name not in LABELS and before.get(name) != after.get(name):
                change = before.get(name, "none"), after.get(name, "none")
                fields.setdefault(name, {})[change] = None
    return [_sentence(name, list(departures)) for name, departures in fields.items()]


def _sentence(name: str, departures: list[tuple[str, str]]) -> str:
    before, after = (", ".join(dict.fromkeys(values)) for values in zip(*departures, strict=True))
    return f"{name}: {after} instead of {before}"


def _flat(data: dict, prefix: str = "") -> dict[str, str]:
    lines: dict[str, str] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            lines |= _flat(value, f"{prefix}{key}.")
        elif _are_parts(value):
            lines |= {f"{prefix}{key}.{part['type']}": _arguments(part) for part in value}
        elif key != "type":
            lines[f"{prefix}{key}"] = _text(value)
    return lines


def _are_parts(value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _arguments(part: dict) -> str:
    return ", ".join(f"{k} {_text(v)}" for k, v in part.items() if k != "type") or "used"


def _text(value) -> str:
    if isinstance(value, list):
        shape = len(value) == 3 and all(isinstance(item, int) for item in value)
        return ("×" if shape else ", ").join(map(str, value)) or "all"
    return "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
