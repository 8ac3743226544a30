"""The files of a study: one page per reader, which holds all its images, and the key apart."""

import base64
import io
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np

from tfmedgan.files import new_directory, write_bytes, write_json, write_text
from tfmedgan.reader_study.study import LEVELS, SYNTHETIC, Item, Study
from tfmedgan.reporting.pages import render
from tfmedgan.synthetic_png import encode_png, encode_real_png

FOLDERS = ("pages", "answers", "images")
SCRIPTS = ("answers.js", "zoom.js", "file.js", "page.js")  # in this order


def write_study(study: Study, pictures: Mapping[str, bytes], out: Path) -> None:
    """A new folder: pages/, answers/ (empty), images/ and key.json; all of it or nothing.

    Args:
        pictures: the PNG of each item by its id.
    """
    with new_directory(out) as folder:
        for name in FOLDERS:
            (folder / name).mkdir()
        for reader in range(1, study.readers + 1):
            write_text(folder / "pages" / f"reader-{reader}.html", page(study, pictures, reader))
        for item in study.items:
            write_bytes(folder / "images" / f"{item.id}.png", _kept(item, pictures[item.id]))
        write_json(folder / "key.json", study.to_dict())


def page(study: Study, pictures: Mapping[str, bytes], reader: int) -> str:
    """The page of one reader (1, 2, …); nothing in it tells which images are real."""
    data = {
        "format": study.format,
        "study": study.digest,
        "reader": reader,
        "ask": study.ask,
        "choices": study.choices,
        "levels": LEVELS,
        "items": [
            {"id": item.id, "png": base64.b64encode(pictures[item.id]).decode()}
            for item in study.order(reader)
        ],
    }
    return render(
        "reader_study/page.html",
        study=study,
        reader=reader,
        levels=range(1, LEVELS + 1),
        keys=answer_keys(study),
        style=_text("page.css"),
        script="\n".join(map(_text, SCRIPTS)),
        data=json.dumps(data).replace("<", "\\u003c"),  # no name can end the script
    )


def answer_keys(study: Study) -> list[tuple[str, str]]:
    """The key of each choice: its first letter, or the alphabet's letters in turn for classes."""
    letters = "RS" if study.ask == "real" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return list(zip(study.choices, letters, strict=False))


def _kept(item: Item, png: bytes) -> bytes:
    """The picture as it lies beside the key, where a synthetic one says what it is."""
    from PIL import Image

    pixels = np.asarray(Image.open(io.BytesIO(png)))
    return (encode_png if item.origin == SYNTHETIC else encode_real_png)(pixels)


def _text(name: str) -> str:
    return files("tfmedgan").joinpath("reader_study", name).read_text("utf-8")
