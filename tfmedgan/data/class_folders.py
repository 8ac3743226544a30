"""Folder and file names made from class names, and back.

A name keeps its letters where every file system can hold them and this package reads them as a
class; other characters are written as %XX, the bytes of UTF-8, as in a URL. Distinct classes get
distinct names, also where upper and lower case are one.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

from tfmedgan.data.sources.layout import has_meaning

PLAIN = " -_.,()+=&@#[]"  # beside letters and digits
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # on Windows
LONGEST = 200  # bytes; file systems take 255


def folder_names(classes: Sequence[str]) -> tuple[str, ...]:
    """A name for each of the classes; upper case is written as %XX only where it must be."""
    names = [_escaped(name) for name in classes]
    keys = [unicodedata.normalize("NFC", name).casefold() for name in names]
    return tuple(
        _escaped(name, caseless=True) if keys.count(key) > 1 else escaped
        for name, escaped, key in zip(classes, names, keys, strict=True)
    )


def class_name(folder: str) -> str:
    """The class whose name was made into `folder`; the folder's own name where none was."""
    if not re.fullmatch(r"([^%]|%[0-9A-F]{2})+", folder):
        return folder
    plain = folder.encode("utf-8", "surrogatepass")
    raw = re.sub(rb"%(..)", lambda escape: bytes([int(escape[1], 16)]), plain)
    try:
        name = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return folder
    return name if folder in (_escaped(name), _escaped(name, caseless=True)) else folder


def _escaped(name: str, caseless: bool = False) -> str:
    composed = unicodedata.is_normalized("NFC", name)
    last = len(name) - 1
    text = "".join(
        letter
        if _is_plain(letter, composed, caseless) and not (letter in " ." and index in (0, last))
        else _percent(letter)
        for index, letter in enumerate(name)
    )
    if RESERVED.fullmatch(text) or has_meaning(text):
        text = _percent(text[0]) + text[1:]
    if len(text.encode()) > LONGEST:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        text = text.encode()[: LONGEST - 34].decode("utf-8", "ignore") + f"%~{digest}"
    return text or "%"


def _is_plain(letter: str, composed: bool, caseless: bool) -> bool:
    if caseless and letter.casefold() != letter:
        return False
    if letter.isascii():
        return letter.isalnum() or letter in PLAIN
    return composed and unicodedata.category(letter)[0] in "LMN"


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
