"""docs/results.md: the results of several studies on one page, with small pictures beside it."""

import re
from pathlib import Path

from tfmedgan.errors import InputError, require
from tfmedgan.files import write_bytes, write_text
from tfmedgan.papers import TABLES
from tfmedgan.reporting.pages import render
from tfmedgan.reproduction.not_run import not_run
from tfmedgan.reproduction.overview import extent, findings, summary_line
from tfmedgan.reproduction.report import READING, section, summaries_of
from tfmedgan.reproduction.study import Study
from tfmedgan.reproduction.summary import Summary

HEADING = re.compile(r"^## (?=(\S+): )", re.MULTILINE)  # of a table, whose key is matched


def write_page(folders: list[Path], out: Path) -> list[Path]:
    """Write the page and, in `images` beside it, its pictures; none shows a real image.

    Tables that a page there has already, of studies that are not given, stay on it as they are. A
    study's own folder is the user's; this page is for others, to whom real images may not be
    handed on.

    Raises:
        InputError: for a folder that is no study or has no results; where `out` is another page.
    """
    sections, given = _sections(out), _summaries(folders)
    images = out.parent / "images"
    written = [out]

    def picture(name: str, content: bytes) -> str:
        path = images / f"{out.stem}-{name}"
        images.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
        written.append(path)
        return f"images/{path.name}"

    for key, (study, summary) in given.items():
        shown = section(study, summary, picture, real=False)
        sections[key] = render("reproduction/table.md.jinja", section=shown)
    write_text(out, _page(sections))
    return written


def _summaries(folders: list[Path]) -> dict[str, tuple[Study, Summary]]:
    """The tables of these studies by their keys."""
    given: dict[str, tuple[Study, Summary]] = {}
    for study in [Study.existing(folder) for folder in dict.fromkeys(folders)]:
        summaries = summaries_of(study)
        require(bool(summaries), f"{study.path}: has no results yet")
        for summary in summaries:
            key = summary.table.key
            if key in given:
                raise InputError(
                    f"{study.path}: has the table {key}, as {given[key][0].path} has; a page shows "
                    "one, so give one"
                )
            given[key] = study, summary
    return given


def _page(sections: dict[str, str]) -> str:
    found = findings(sections)
    head = render(
        "reproduction/page.md.jinja",
        reading=READING,
        findings=found,
        summary=summary_line(found),
        questions={key: TABLES[key].question for key in sections if key in TABLES},
        anchors={key: _anchor(text) for key, text in sections.items()},
        not_run=not_run([key for key, text in sections.items() if extent(text)[:5] == "paper"]),
    )
    return head + "".join(f"\n{text.strip()}\n" for text in sections.values())


def _anchor(section: str) -> str:
    """What a link to the section's heading ends in, where Markdown is shown."""
    title = section.strip().partition("\n")[0].removeprefix("## ")
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _sections(page: Path) -> dict[str, str]:
    """Tables of a page that was written before, by their keys."""
    if not page.is_file():
        return {}
    text = page.read_text(errors="replace")
    title = _page({}).partition("\n")[0]
    require(
        text.startswith(title),
        f"--out {page}: is there and no page of results; give another name",
    )
    _, *parts = HEADING.split(text)
    return {key: f"## {rest}" for key, rest in zip(parts[::2], parts[1::2], strict=True)}
