"""The pages of this folder: people write them, scripts fill in what they measured.

A page holds `<!-- measured: NAME -->`, what was measured, and `<!-- end -->`. Everything else in
it is written by hand and stays.
"""

import argparse
import datetime
import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path


def parser(doc: str, *packages: str) -> argparse.ArgumentParser:
    """Options of a script that measures these packages, with --write, which `show` heeds."""
    options = argparse.ArgumentParser(description=doc.split("\n", 1)[0])
    options.add_argument("--write", action="store_true", help="put what was measured on the page")
    options.set_defaults(packages=packages)
    return options


def show(options, name: str, *paragraphs: str, note: str = "") -> None:
    """Print how it was measured and what, and with --write put it on the page of the script.

    Args:
        note: what else is to be said of how.
    """
    text = "\n\n".join([f"{made(*options.packages)} {note}".strip(), *paragraphs])
    print(text, flush=True)
    if options.write:
        put(Path(sys.argv[0]).with_suffix(".md"), name, text)


def grow(options, name: str, sections: dict[str, str]) -> None:
    """Print sections by their headings, each with how it was made, and with --write add them.

    Those that the page has under the same headings are replaced; the others stay.
    """
    made_so = made(*options.packages)
    new = {heading: f"{made_so}\n\n{text.strip()}" for heading, text in sections.items()}
    print(_joined(new), flush=True)
    if options.write:
        page = Path(sys.argv[0]).with_suffix(".md")
        first, *others = _place(page, name)[1].split("\n### ")
        there = {heading: text.strip() for heading, _, text in (s.partition("\n") for s in others)}
        put(page, name, f"{first.strip()}\n\n{_joined(there | new)}")


def _joined(sections: dict[str, str]) -> str:
    return "\n\n".join(f"### {heading}\n\n{text}" for heading, text in sections.items())


def put(page: Path, name: str, text: str) -> None:
    """Replace what a page says was measured under a name."""
    before, _, after = _place(page, name)
    page.write_text(f"{before}\n{text.strip()}\n{after}")


def _place(page: Path, name: str) -> tuple[str, str, str]:
    """A page up to what was measured under a name, that, and from there on."""
    start, end = f"<!-- measured: {name} -->\n", "\n<!-- end -->"
    before, begin, rest = page.read_text().partition(start)
    measured, finish, after = rest.partition(end)
    if not (begin and finish):
        raise SystemExit(f"{page.name} has no place for {name!r}")
    return before + begin, measured, finish + after


def made(*packages: str) -> str:
    """With which command, when, and on what."""
    given = " ".join(_public(argument) for argument in sys.argv[1:])
    command = f"python benchmarks/{Path(sys.argv[0]).name} {given}".strip()
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"Made by `{command}` on {datetime.date.today()}: {os.cpu_count()} cores of "
        f"{platform.machine()}, Python {platform.python_version()}, {versions}; load average "
        f"{os.getloadavg()[1]:.1f} over five minutes."
    )


def _public(argument: str) -> str:
    """Without the folders of this machine."""
    return f"…/{Path(argument).name}" if "/" in argument else argument


def table(heads: Iterable[str], rows: Iterable[Iterable], numbers: int = 0) -> str:
    """Markdown; the last `numbers` columns are set to the right."""
    heads = list(heads)
    rule = ["---"] * (len(heads) - numbers) + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in (heads, rule, *rows))
