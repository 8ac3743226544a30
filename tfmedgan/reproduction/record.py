"""A study as one small file: all that its reports need, without networks or images of patients.

Such a file may be handed on. Its folder is reported, and gone on with, as the study itself; of a
training that was not finished nothing is in it, so that it begins anew.
"""

import io
import json
import lzma
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfmedgan.errors import InputError, require
from tfmedgan.files import write_bytes
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.report import summaries_of
from tfmedgan.reproduction.sample_strips import contrast, is_real, is_shown, read_strip
from tfmedgan.reproduction.study import Study
from tfmedgan.run_directory import TrainingDirectory

LEFT_OUT = {"cache", "checkpoints", "claims", "evaluation", "figures", "samples", "tensorboard"}
ENDING = ".tar.xz"
PER_IMAGE = ".f64"  # what arms of classifiers and U-Nets came to, by test image


def write_record(study: Study, out: Path) -> None:
    """Write a study's record; the same study gives the same bytes.

    Places on this machine are left out: of the images and of the features the names stay.

    Raises:
        InputError: without results, or for a study that is damaged; where `out` is there and no
            record of this study.
    """
    study = replace(study, path=study.path.resolve())
    require(out.name.endswith(ENDING), f"--out {out}: a record's name ends in {ENDING}")
    require(
        not out.exists() or _plan_of(out) == (study.plan.document, study.plan.scale),
        f"--out {out}: is there and no record of this study; give another name",
    )
    _check(study)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in _members(study):
            member = tarfile.TarInfo(f"{study.path.name}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    out.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(out, lzma.compress(packed.getvalue(), preset=9))


def _check(study: Study) -> None:
    """Raise `InputError` for a study that could not be reported."""
    require(bool(summaries_of(study)), f"{study.path}: has no results yet")
    for name in {result.run for result in study.results.read()}:
        if (study.runs / name / "config.json").exists():
            assert TrainingDirectory.open(study.runs / name).data  # of whatever kind it is


def _members(study: Study) -> Iterator[tuple[str, bytes]]:
    """Names within the study's folder, and contents, in order."""
    for path in sorted(p for p in study.path.rglob("*") if p.is_file()):
        name = path.relative_to(study.path)
        if LEFT_OUT & set(name.parts) or name.name.startswith(".") or _is_unfinished(study, path):
            continue
        if path.suffix in PACKED:
            yield name.as_posix(), _packed(path).encode()
        elif path.suffix == PER_IMAGE:
            yield name.as_posix(), path.read_bytes()
        elif path.parent == study.sample_strips and is_shown(path):
            strip = read_strip(path)
            if is_real(path):
                facts = json.dumps({"contrast": contrast(strip)})
                yield name.with_suffix(".json").as_posix(), facts.encode()
            else:
                yield name.as_posix(), path.read_bytes()


def _is_unfinished(study: Study, path: Path) -> bool:
    """Whether a file is of a training that has not come to its end."""
    runs = (place for place in path.parents if place.is_relative_to(study.path))
    return any(
        (run / "config.json").exists() and not (run / "summary.json").exists() for run in runs
    )


def _packed(path: Path) -> str:
    try:
        return PACKED[path.suffix](path.read_text())
    except ValueError:
        raise InputError(f"{path}: is damaged; restore it from a backup") from None


def _json(text: str) -> str:
    return json.dumps(_public(json.loads(text)), indent=2) + "\n"


def _json_lines(text: str) -> str:
    """Whole lines; one that was cut short is left out."""
    lines = (json.loads(line) for line in text.split("\n")[:-1])
    return "".join(json.dumps(_public(line), ensure_ascii=False) + "\n" for line in lines)


PACKED: dict[str, Callable[[str], str]] = {".json": _json, ".jsonl": _json_lines, ".csv": str}


def _public(value: Any) -> Any:
    """The same with names in the place of sources and of absolute paths."""
    if isinstance(value, dict):
        return {
            key: public_name(part) if key == "source" and isinstance(part, str) else _public(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_public(part) for part in value]
    is_place = isinstance(value, str) and Path(value).is_absolute()
    return Path(value).name if is_place else value


def _plan_of(record: Path) -> tuple[str, str]:
    """Document and scale of a record; empty for any other file."""
    try:
        with tarfile.open(record) as archive:
            plans = (m for m in archive if m.name.partition("/")[2] == "study.json")
            member = next(plans, None)
            file = member and archive.extractfile(member)
            plan = json.load(file) if file else {}
            return plan.get("document", ""), plan.get("scale", "")
    except (OSError, tarfile.TarError, ValueError, EOFError, lzma.LZMAError):
        return "", ""
