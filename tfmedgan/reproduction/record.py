"""A study as one small file: all that its reports need, without networks or images of patients.

Such a file may be handed on. Its folder is reported, and gone on with, as the study itself; of a
training that was not finished nothing is in it, so that it begins anew.
"""

import io
import json
import lzma
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tfmedgan.errors import require
from tfmedgan.files import write_bytes
from tfmedgan.reporting.formatting import public_name
from tfmedgan.reproduction.sample_strips import contrast, is_real, read_strip
from tfmedgan.reproduction.study import Study

TEXTS = (".json", ".jsonl", ".csv")
LEFT_OUT = {"cache", "checkpoints", "claims", "evaluation", "figures", "samples", "tensorboard"}
SOURCE = re.compile(r"manifest:[^\s\",:]+:[^\s\",]+")
ENDING = ".tar.xz"


def write_record(study: Study, out: Path) -> None:
    """Write a study's record; the same study gives the same bytes.

    Places on this machine are left out: of the images and of the features the names stay.

    Raises:
        InputError: without results; where `out` is there and no record of this study.
    """
    require(bool(study.results.read()), f"{study.path}: has no results yet")
    require(out.name.endswith(ENDING), f"--out {out}: a record's name ends in {ENDING}")
    require(
        not out.exists() or _plan_of(out)[:2] == [study.plan.document, study.plan.scale],
        f"--out {out}: is there and no record of this study; give another name",
    )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in _members(study):
            member = tarfile.TarInfo(f"{study.path.name}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    out.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(out, lzma.compress(packed.getvalue(), preset=9))


def _members(study: Study) -> Iterator[tuple[str, bytes]]:
    """Names within the study's folder, and contents, in order."""
    for path in sorted(p for p in study.path.rglob("*") if p.is_file()):
        name = path.relative_to(study.path)
        if LEFT_OUT & set(name.parts) or name.name.startswith("."):
            continue
        if path.suffix in TEXTS:
            yield name.as_posix(), _public(path.read_text(), study).encode()
        elif path.parent == study.sample_strips:
            if is_real(path):
                facts = {"contrast": contrast(read_strip(path))}
                yield name.with_suffix(".json").as_posix(), json.dumps(facts).encode()
            else:
                yield name.as_posix(), path.read_bytes()


def _public(text: str, study: Study) -> str:
    """A file's text without the places of the study, the images and the features."""
    for folder in {str(study.path), str(study.path.absolute())}:
        text = text.replace(f"{folder}/", "")
    if "/" in study.plan.features:
        text = text.replace(study.plan.features, Path(study.plan.features).name)
    if study.plan.source:
        text = text.replace(study.plan.source, public_name(study.plan.source))
    return SOURCE.sub(lambda match: public_name(match[0]), text)


def _plan_of(record: Path) -> list[str]:
    """Document, scale of a record; nothing for any other file."""
    try:
        with tarfile.open(record) as archive:
            plans = (m for m in archive if m.name.partition("/")[2] == "study.json")
            member = next(plans, None)
            file = member and archive.extractfile(member)
            plan = json.load(file) if file else {}
            return [plan.get("document", ""), plan.get("scale", "")]
    except (OSError, tarfile.TarError, ValueError, EOFError, lzma.LZMAError):
        return []
