"""A split as a file of names: made once, reused, and named by its digest in every result."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfmedgan.errors import InputError, require
from tfmedgan.files import write_text
from tfmedgan.typed import check_types

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Which images are in which part; file names, not positions, so that it can be reused."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...] = ()  # images that must stay together, where above one
    threshold: int | None = None  # Hamming distance up to which two images count as copies
    dropped: tuple[tuple[str, str], ...] = ()  # (name, reason) of images left out
    warnings: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the names in each part."""
        parts = {part: sorted(getattr(self, part)) for part in PARTS}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        return json.dumps({"digest": self.digest, **asdict(self)}, indent=1) + "\n"

    def write(self, path: str | Path) -> None:
        """Write atomically as JSON."""
        write_text(Path(path), self.to_json())

    @classmethod
    def from_json(cls, text: str, origin: str = "split") -> "Split":
        """The split that `to_json` wrote.

        Raises:
            InputError: for a text that is no split or whose digest does not fit its names.
        """
        try:
            data = json.loads(text)
            digest = data.pop("digest")
            values = {key: _tuples(value) for key, value in data.items()}
            split = cls(**values)
            check_types(cls, values)
            names = [name for part in PARTS for name in getattr(split, part)]
            agrees = split.digest == digest
        except (ValueError, TypeError, AttributeError, KeyError):
            raise InputError(
                f"{origin}: not a split file; make one with tfmedgan-data split"
            ) from None
        require(agrees, f"{origin}: its names do not fit its digest; it was changed by hand")
        require(len(names) == len(set(names)), f"{origin}: a name is in two parts")
        return split

    @classmethod
    def read(cls, path: str | Path) -> "Split":
        """The split in the file.

        Raises:
            InputError: when it cannot be read.
        """
        try:
            return cls.from_json(Path(path).read_text(), str(path))
        except OSError as error:
            raise InputError(f"{path}: split file cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError(f"{path}: not a split file, it is not in UTF-8") from None


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
