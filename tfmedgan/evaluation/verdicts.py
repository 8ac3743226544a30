"""Findings in JSON files, each about one generator."""

from collections.abc import Iterable
from pathlib import Path

from tfmedgan.files import read_json_if_there


def finding(path: Path, generator_sha256: str) -> dict | None:
    """What the file holds, if it is about this generator; None for a file that cannot be read."""
    try:
        content = read_json_if_there(path)
    except (OSError, ValueError):
        return None
    same = isinstance(content, dict) and content.get("generator_sha256") == generator_sha256
    return content if same and generator_sha256 else None


def remove_outdated(files: Iterable[Path], path: Path, generator_sha256: str) -> None:
    """Remove the files of a finding unless it is about this generator."""
    if finding(path, generator_sha256) is None:
        for file in files:
            file.unlink(missing_ok=True)
