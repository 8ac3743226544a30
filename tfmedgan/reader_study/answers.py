"""The files that readers send back: whole, unchanged, of this study, one a reader."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfmedgan.errors import InputError, require
from tfmedgan.reader_study.study import FORMAT, LEVELS, ORIGINS, Study

LONGEST = 10**10  # milliseconds for an image
FIELDS = {"item": str, "answer": str, "confidence": int, "milliseconds": int}


@dataclass(frozen=True)
class Responses:
    """Answers of R readers to N items, in the order of `Study.items`; each array is (R, N)."""

    study: Study
    readers: tuple[int, ...]
    answers: np.ndarray  # positions in `Study.choices`
    confidence: np.ndarray  # 1 to 5
    seconds: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        """Positions of the right answers in `Study.choices`, (N,)."""
        choices = self.study.choices
        return np.array([choices.index(self.study.right(item)) for item in self.study.items])

    @property
    def correct(self) -> np.ndarray:
        """1.0 where the answer is right, (R, N)."""
        return (self.answers == self.truth).astype(float)

    @property
    def real(self) -> np.ndarray:
        """Which items are real, (N,)."""
        return np.array([item.origin == ORIGINS[0] for item in self.study.items])

    @property
    def missing(self) -> tuple[int, ...]:
        """Readers without answers."""
        return tuple(set(range(1, self.study.readers + 1)) - set(self.readers))


def read_answers(study: Study, paths: Sequence[Path]) -> Responses:
    """The answers in these files.

    Raises:
        InputError: naming the file: no answers, another study, changed, incomplete, or doubled.
    """
    require(bool(paths), "no files with answers; give them, or put them into the study's answers/")
    by_reader: dict[int, tuple[Path, list[dict]]] = {}
    for path in paths:
        reader, answers = _read(study, Path(path))
        other = by_reader.get(reader, (None,))[0]
        require(other is None, f"{path}: is of reader {reader}, as is {other}; leave one out")
        by_reader[reader] = (path, answers)
    places = {item.id: place for place, item in enumerate(study.items)}
    readers = tuple(sorted(by_reader))
    arrays = {name: np.zeros((len(readers), len(places)), int) for name in FIELDS}
    for row, reader in enumerate(readers):
        for entry in by_reader[reader][1]:
            place = places[entry["item"]]
            arrays["answer"][row, place] = study.choices.index(entry["answer"])
            arrays["confidence"][row, place] = entry["confidence"]
            arrays["milliseconds"][row, place] = entry["milliseconds"]
    seconds = arrays["milliseconds"] / 1000
    return Responses(study, readers, arrays["answer"], arrays["confidence"], seconds)


def checksum(content: dict[str, Any]) -> str:
    """SHA-256 that the page puts into the file: it tells of changes, and signs nothing."""
    head = [content["format"], content["study"], str(content["reader"])]
    lines = ["\t".join(str(entry[name]) for name in FIELDS) for entry in content["answers"]]
    text = "\n".join(head + lines)  # a file may hold halves of a letter, which no page makes
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _read(study: Study, path: Path) -> tuple[int, list[dict]]:
    content = _parsed(path)
    require(
        content["study"] == study.digest,
        f"{path}: belongs to another study ({content['study'][:8]}, this one is "
        f"{study.digest[:8]})",
    )
    reader, answers = content["reader"], content["answers"]
    require(
        content["checksum"] == checksum(content),
        f"{path}: does not agree with its own checksum: it was changed or cut after it was saved; "
        f"ask reader {reader} for the file as the page saved it",
    )
    require(
        1 <= reader <= study.readers,
        f"{path}: is of reader {reader}; the study has {study.readers}",
    )
    known, given = {item.id for item in study.items}, [entry["item"] for entry in answers]
    require(
        set(given) <= known and len(set(given)) == len(given),
        f"{path}: answers images that the study does not have, or one of them twice",
    )
    require(
        len(given) == len(known),
        f"{path}: {len(given)} of {len(known)} images are answered; reader {reader} can go on in "
        "the page, on another computer with this file",
    )
    for entry in answers:
        require(
            entry["answer"] in study.choices
            and 1 <= entry["confidence"] <= LEVELS
            and 0 <= entry["milliseconds"] <= LONGEST,
            f"{path}: image {entry['item']} has an answer that the page does not offer",
        )
    return reader, answers


def _parsed(path: Path) -> dict[str, Any]:
    """The content of a file that looks like answers."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        content = None
    kinds = {"format": str, "study": str, "reader": int, "answers": list, "checksum": str}
    require(
        _has(content, kinds)
        and content["format"] == FORMAT
        and all(_has(entry, FIELDS) for entry in content["answers"]),
        f"{path}: is no whole file of answers of a reader study; give the file that a page saved",
    )
    return content


def _has(data: Any, kinds: dict[str, type]) -> bool:
    return (
        isinstance(data, dict)
        and data.keys() == kinds.keys()
        and all(type(data[name]) is kind for name, kind in kinds.items())
    )
