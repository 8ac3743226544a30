"""Gather the pages of measurements into one: python benchmarks/readme.py.

Each page is written by its own script; this writes benchmarks/README.md from them.
"""

import re
from pathlib import Path

HERE = Path(__file__).parent
SPEED = (
    "speed",
    "profile",
    "layers",
    "data",
    "metrics_speed",
    "export",
    "startup",
    "memory",
    "scaling",
)
QUALITY = ("quality", "cgan_idrid", "torch_parity", "metrics", "planted", "classifiers")
HEAD = """# Measurements

Every figure here comes from a script of this folder, and the page of a script says the command,
the date and the machine. The machine was shared and at times busy: trust the ratios, which are
of runs in turns, before the rates. Written by `python benchmarks/readme.py`.

What a step computes is held by counts instead of times in `tests/training/test_step_graph.py`.
"""


def gather() -> str:
    """The text of README.md."""
    pages = [_demoted((HERE / f"{name}.md").read_text()) for name in SPEED]
    return "\n".join((HEAD, *pages, "## Is it right, and is it good?\n", *map(_link, QUALITY), ""))


def _demoted(text: str) -> str:
    titled = text if text.startswith("# ") else f"# Several GPUs, counted and reckoned\n\n{text}"
    return re.sub(r"^(#+ )", r"#\1", titled, flags=re.MULTILINE)


def _link(name: str) -> str:
    title = (HERE / f"{name}.md").read_text().splitlines()[0].removeprefix("# ")
    return f"- [{title}]({name}.md): `{name}.py`"


if __name__ == "__main__":
    (HERE / "README.md").write_text(gather())
