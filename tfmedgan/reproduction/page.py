"""docs/results.md: the results of several studies on one page, with small pictures beside it."""

from pathlib import Path

from tfmedgan.errors import require
from tfmedgan.files import write_bytes, write_text
from tfmedgan.reporting.pages import render
from tfmedgan.reproduction.report import READING, machine_line, section, summaries_of
from tfmedgan.reproduction.study import Study


def write_page(folders: list[Path], out: Path) -> list[Path]:
    """Write the page and, in `images` beside it, its pictures; none shows a real image.

    A study's own folder is the user's; this page is for others, to whom real images may not be
    handed on.

    Raises:
        InputError: for a folder that is no study or has no results.
    """
    images = out.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    written = [out]

    def picture(name: str, content: bytes) -> str:
        path = images / f"results-{name}"
        write_bytes(path, content)
        written.append(path)
        return f"images/{path.name}"

    studies = []
    for study in [Study.existing(folder) for folder in folders]:
        summaries = summaries_of(study)
        require(bool(summaries), f"{study.path}: has no results yet")
        sections = [section(study, summary, picture, real=False) for summary in summaries]
        studies.append((machine_line(study), sections))
    write_text(out, render("reproduction/page.md.jinja", reading=READING, studies=studies))
    return written
