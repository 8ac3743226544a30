"""Checksums of files: those of a manifest, and a file SHA256SUMS as `sha256sum` writes it."""

import re
from dataclasses import replace
from pathlib import Path

from tfmedgan.data.records import Record
from tfmedgan.errors import InputError

FILE = "SHA256SUMS"
LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")


def with_checksums(
    root: Path, records: tuple[Record, ...], known: tuple[tuple[str, str], ...] = ()
) -> tuple[Record, ...]:
    """The records with their files' SHA-256, where `known` or `root/SHA256SUMS` lists them.

    Raises:
        InputError: for a line of SHA256SUMS that is not "digest  path".
    """
    sums = dict(known) | _listed(root / FILE)
    if not sums:
        return records
    return tuple(replace(record, sha256=sums.get(record.name, "")) for record in records)


def _listed(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    sums = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path}: not in UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        match = LINE.fullmatch(line)
        if match is None:
            raise InputError(f"{path} line {number}: expected 'SHA-256  path'")
        sums[match.group(2).removeprefix("./")] = match.group(1).lower()
    return sums
