"""Studies, and answers as a page saves them."""

import json

import numpy as np
import pytest

from tfmedgan.evaluation.images import array_pool
from tfmedgan.reader_study.answers import checksum
from tfmedgan.reader_study.pages import write_study
from tfmedgan.reader_study.selection import select
from tfmedgan.reader_study.study import FORMAT, new_study

CLASSES = ("none", "mild & early", "severe")


def pools(number=30, shape=(16, 20, 3), seed=0):
    """Real and synthetic images of three classes that only their names tell apart."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(number) % len(CLASSES)).astype(np.int32)
    return [
        array_pool(
            rng.integers(0, 256, (number, *shape), dtype=np.uint8),
            name,
            tuple(f"{name}-{i:03d}" for i in range(number)),
            labels,
        )
        for name in ("truereals", "machinemade")
    ]


def make_study(images=12, ask="real", readers=3, seed=0):
    """A study and its pictures."""
    reals, fakes = select(*pools(), images, seed, len(CLASSES) if ask == "class" else 0)
    return new_study(reals, fakes, classes=CLASSES, ask=ask, readers=readers, seed=seed)


@pytest.fixture
def written(tmp_path):
    """Function: a study, and the folder in which it was written."""

    def write(**options):
        study, pictures = make_study(**options)
        folder = tmp_path / f"study-{study.digest[:8]}"
        write_study(study, pictures, folder)
        return study, folder

    return write


def answer_file(path, study, reader, answer, **changes):
    """A file as the page saves it; `answer` gives answer, confidence and milliseconds of an item.

    `changes` replace parts of it before the checksum is made.
    """
    entries = [
        dict(zip(("item", "answer", "confidence", "milliseconds"), (i.id, *answer(i)), strict=True))
        for i in study.order(reader)
    ]
    content = {"format": FORMAT, "study": study.digest, "reader": reader, "answers": entries}
    content |= changes
    path.write_text(json.dumps(content | {"checksum": checksum(content)}))
    return path
