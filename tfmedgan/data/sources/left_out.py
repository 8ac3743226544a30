"""Files of a folder that are not read: of which kind they are, and the one note that says so."""

from collections.abc import Iterator
from pathlib import Path

from tfmedgan.data.marks import is_marked
from tfmedgan.data.readers import SUFFIXES, file_format
from tfmedgan.data.sources.checksums import FILE as CHECKSUMS
from tfmedgan.errors import printable
from tfmedgan.files import open_at_once

HEAD = 132  # bytes, up to the end of DICOM's mark
SYSTEM = (  # what operating systems and network drives leave behind, in lower case
    "@eadir", "__macosx", "thumbs.db", "desktop.ini", ".ds_store", "#recycle", "@recycle", "@tmp",
    "$recycle.bin", "system volume information", "lost+found",
)  # fmt: skip
OF_SYSTEM, HIDDEN = "system files", "hidden"
SHEETS = ("grid.png", "nearest.png", "strip.png", "animation.png")  # of tfmedgan-generate
SHOWN = 8  # kinds in the note


class LeftOut:
    """Files by kind, in the order in which the kinds were met."""

    def __init__(self) -> None:
        self.by_kind: dict[str, list[str]] = {}

    def add(self, kind: str, *names: str) -> None:
        if names:
            self.by_kind.setdefault(kind, []).extend(map(printable, names))

    def names_shown(self) -> list[str]:
        """All of them but the hidden ones and a system's own, which are only counted."""
        shown = (names for kind, names in self.by_kind.items() if kind not in (HIDDEN, OF_SYSTEM))
        return sorted(name for names in shown for name in names)

    def note(self, root: Path) -> Iterator[str]:
        """One sentence with the number of files of each kind; none where nothing is left out."""
        counts = sorted(((len(names), kind) for kind, names in self.by_kind.items()), reverse=True)
        shown = [f"{count} {kind}" for count, kind in counts[:SHOWN]]
        if rest := sum(count for count, _ in counts[SHOWN:]):
            shown.append(f"{rest} of other kinds")
        if shown:
            total = sum(count for count, _ in counts)
            files = "file" if total == 1 else "files"
            yield f"{root}: {total} {files} left out: {', '.join(shown)}"


def is_system(name: str) -> bool:
    """Whether a file or folder is an operating system's own, or hidden."""
    return name.startswith(".") or name.lower() in SYSTEM


def system_kind(name: str) -> str:
    """What the note calls such a file, or what is in such a folder."""
    return OF_SYSTEM if name.lower() in SYSTEM else HIDDEN


def other_kind(path: Path) -> str:
    """What a file is that is not read as an image; "" for one that is.

    A DICOM file needs no suffix, and may be named by a UID, 1.2.840.1: its first bytes tell.
    """
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        sheet = path.name in SHEETS and is_marked(path)
        return "sheet of generated images" if sheet else ""
    if path.name in (CHECKSUMS, "DICOMDIR"):
        return path.name
    form = _format(path)
    if form == "DICOM" and not suffix.strip(".").isalpha():
        return ""
    name = f"named {suffix}" if suffix else "without a suffix"
    return f"{form} {name}" if form and suffix.strip(".") != form.lower() else suffix or name


def _format(path: Path) -> str:
    try:
        with open_at_once(path) as file:
            return file_format(file.read(HEAD))[0]
    except OSError:
        return ""
