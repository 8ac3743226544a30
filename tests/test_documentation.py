"""README and docs say what is true: commands parse, snippets run, links lead somewhere."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data_manifests" / "README.md"]
    + [path for path in DOCS.rglob("*.md") if "_build" not in path.parts]
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# (tfmedgan/\S+\.py)\n")  # the first line of a snippet that is a file
LINK = re.compile(r"\]\(([^)\s]+)\)")


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    return [code for kind, code in FENCE.findall(page.read_text()) if kind == language]


# Commands


@pytest.fixture(scope="module")
def apps():
    sys.path.insert(0, str(DOCS / "_ext"))
    try:
        from command_apps import command_apps

        return command_apps()
    finally:
        sys.path.remove(str(DOCS / "_ext"))


def typed(page: Path) -> list[str]:
    """Each use of a tfmedgan command in blocks of shell code."""
    lines = "".join(blocks(page, "bash")).replace("\\\n", " ").split("\n")
    parts = [part.strip() for line in lines for part in re.split(r"&&|\||;", line)]
    return [part for part in parts if re.match(r"(\S*/)?tfmedgan-", part)]


def mentioned(page: Path) -> list[str]:
    """Commands in the text, which may leave out what is not the point."""
    return re.findall(r"(?<!`)`(tfmedgan-[^`]+)`(?!`)", FENCE.sub("", page.read_text()))


def parse(apps, line: str) -> None:
    """Let the command's own parser read the line; a bare name must only exist."""
    name, *arguments = shlex.split(line, comments=True)
    app = apps[Path(name).name]
    if arguments and hasattr(app, "commands"):
        app, arguments = app.commands[arguments[0]], arguments[1:]
    if arguments:
        app.make_context(name, arguments)


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_commands_exist_with_their_options(page, apps):
    for line in typed(page) + mentioned(page):
        try:
            parse(apps, line)
        except Exception as error:
            incomplete = type(error).__name__ == "MissingParameter" and line not in typed(page)
            assert incomplete, f"{ids(page)}: {line!r}: {getattr(error, 'message', error)}"


def test_a_wrong_option_would_be_found(apps):
    assert any(map(typed, PAGES)) and any(map(mentioned, PAGES))
    assert LINK.findall((ROOT / "README.md").read_text())
    parse(apps, ".venv/bin/tfmedgan-data show idrid  # with a comment")
    for wrong in ("tfmedgan-train --ach cgan", "tfmedgan-paint", "tfmedgan-data look x"):
        with pytest.raises(Exception, match=r"ach|paint|look"):
            parse(apps, wrong)


# Snippets

RUNNER = """
import os
from pathlib import Path

for script in sorted(Path("scripts").glob("*.py")):
    os.makedirs(script.stem, exist_ok=True)
    here = os.getcwd()
    code = compile(script.read_text(), script.name, "exec")
    os.chdir(script.stem)
    exec(code, {"__name__": "__main__"})
    os.chdir(here)

from dataclasses import replace
import tfmedgan
from tfmedgan.architectures import ARCHITECTURES

own = ARCHITECTURES["upsampled"]
own = replace(own, data=replace(own.data, source="phantom:foot:6"), batch_size=4, epochs=1)
tfmedgan.training.train(own, "own", progress=False)
"""  # the architecture of the how-to, found by being there, trains for an epoch


ELSEWHERE = ("tensorflow_serving", "onnxruntime", "ai_edge_litert")  # not there in every place
EXPORTED = """
from dataclasses import replace
from pathlib import Path

import tfmedgan
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.serving.copies import permission
from tfmedgan.serving.export import export

base = ARCHITECTURES["{network}"]
model, data = replace(base.model, {fields}), replace(base.data, source="{source}")
small = replace(base, model=model, data=data, batch_size=8, epochs=1)
tfmedgan.training.train(small, "{run}", progress=False)
run = tfmedgan.training.RunDirectory.open("{run}")
export(run, "savedmodel", Path("{out}"), permission(run, True, None))
"""
BEFORE = {
    "serving": EXPORTED.format(
        network="rgan", fields="n_classes=2, ngf=2, ndf=2", source="photographs",
        run="runs/photographs", out="runs/photographs/export/savedmodel",
    ),
    "tutorial": EXPORTED.format(
        network="cgan", fields="n_classes=5", source="phantom:fundus:6", run="runs/first",
        out="exported",
    ),
}  # by page: what its snippets take for granted  # fmt: skip


def photographs(folder: Path) -> None:
    """Two classes of different pictures; for the page about them with masks."""
    rng = np.random.default_rng(0)
    for index in range(40):
        path = folder / "photographs" / ("healthy", "infected")[index % 2] / f"{index}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 48, 3), dtype=np.uint8)).save(path)
        if folder.name == "masks":
            mask = np.tri(40, 48, index - 20, dtype=np.uint8) * 255
            Image.fromarray(mask).save(path.with_name(f"{index}_mask.png"))


def test_python_snippets_run(tmp_path):
    """Those that name a file are put into a copy of the package, the others run, page by page."""
    copytree(ROOT / "tfmedgan", tmp_path / "tfmedgan")
    copytree(ROOT / "data_manifests", tmp_path / "tfmedgan" / "data_manifests")
    (tmp_path / "scripts").mkdir()
    for page in PAGES:
        snippets = blocks(page, "python")
        files = {m[1]: code for code in snippets if (m := FILE.match(code))}
        for name, code in files.items():
            (tmp_path / name).write_text(code)
        for code in snippets:
            compile(code, ids(page), "exec")
        script = "\n".join(code for code in snippets if _runs_here(code))
        if script:
            script = BEFORE.get(page.stem, "") + script
            (tmp_path / "scripts" / f"{page.stem}.py").write_text(script)
            if page.name != "tutorial.md":  # which draws a folder itself
                photographs(tmp_path / page.stem)
    assert len(list((tmp_path / "scripts").iterdir())) >= 6
    done = subprocess.run(
        [sys.executable, "-c", RUNNER], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "own" / "generator.keras").is_file()


def _runs_here(code: str) -> bool:
    return not FILE.match(code) and not any(name in code for name in ELSEWHERE)


# Links


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_lead_somewhere(page):
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{ids(page)}: {link}"
        assert not anchor or anchor in anchors(target), f"{ids(page)}: {link}"


# The site


def test_site_is_built_without_a_warning(tmp_path):
    pytest.importorskip("myst_nb", reason="needs the extra docs")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, str(DOCS), str(tmp_path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    commands = (tmp_path / "reference" / "commands.html").read_text()
    assert "tfmedgan-data verify" in commands and "--validate-every" in commands
    assert "3,576,704" in (tmp_path / "reference" / "networks.html").read_text()
