"""On which machines the trainings of a study ran."""

from collections import Counter

from tfmedgan.files import read_json_if_there
from tfmedgan.reproduction.study import Study

PACKAGES = ("tensorflow", "keras", "numpy", "tfmedgan")
UNKNOWN = "not recorded"


def machines(study: Study, table: str = "") -> str:
    """Processors, GPUs and versions, on one line; of several machines, how many trained on each.

    Args:
        table: key of the table whose trainings are meant; without one those of all tables. Where
            no training is recorded, the machine of the study's last call stands for them.
    """
    results = [r for r in study.results.read() if table in ("", r.table)]
    runs = sorted({result.run for result in results if result.run})
    known = [read_json_if_there(study.runs / run / "environment.json") for run in runs]
    recorded = [m for m in known if m] or [read_json_if_there(study.path / "environment.json")]
    counts = Counter(map(_line, recorded))
    if len(counts) == 1:
        return next(iter(counts))
    trainings = counts.most_common()
    return "; ".join(f"{line} ({n} of {counts.total()} trainings)" for line, n in trainings)


def _line(machine: dict) -> str:
    if "processors" not in machine:  # nor in folders of earlier versions
        return UNKNOWN
    words = (
        f"processor {machine['processor']}",
        f"cores {machine['processors']}",
        f"GPU {', '.join(machine['gpus']) or 'none'}",
        f"Python {machine['python']}",
        *(f"{name} {machine[name]}" for name in PACKAGES),
    )
    return ", ".join(words)
