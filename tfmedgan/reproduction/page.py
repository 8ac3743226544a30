"""docs/results.md: the results of several studies on one page, with small pictures beside it."""

from pathlib import Path

from tfmedgan.errors import require
from tfmedgan.files import write_bytes, write_text
from tfmedgan.reproduction import markdown
from tfmedgan.reproduction.report import machine_words, summaries_of
from tfmedgan.reproduction.study import Study

HEAD = """# Results: the documents' tables, reported beside reproduced

Made by `tfmedgan-study report`; what stands here was run, and what was not run is not here.
{reading}

Scale `small` is a document's experiment made small enough for two processor cores, on images that
were at hand; every departure is listed under its table. Such a result can tell whether an effect
shows at that size, not whether the document's figure is right. All generated images are synthetic.
"""


def write_page(folders: list[Path], out: Path) -> list[Path]:
    """Write the page and, in `images` beside it, its pictures; none shows a real image.

    A study's own folder is the user's; this page is for others, to whom real images may not be
    handed on.

    Raises:
        InputError: for a folder that is no study or has no results.
    """
    studies = [Study.existing(folder) for folder in folders]
    images = out.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    written = [out]

    def picture(name: str, content: bytes) -> str:
        path = images / f"results-{name}"
        write_bytes(path, content)
        written.append(path)
        return f"images/{path.name}"

    sections = []
    for study in studies:
        summaries = summaries_of(study)
        require(bool(summaries), f"{study.path}: has no results yet")
        machine = f"Machine of the next {len(summaries)} tables: {machine_words(study)}.\n"
        sections += [machine, markdown.markdown(study, summaries, picture, real=False)]
    write_text(out, "\n".join([HEAD.format(reading=markdown.READING), *sections]) + "\n")
    return written
