"""The notebooks: each runs from top to bottom, and its two files agree."""

import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
SCRIPTS = sorted(FOLDER.glob("*.py"))
HEAVY = ("2", "3", "4", "5", "6")  # half a minute to two minutes each on two cores
LARGEST = 400_000  # bytes, outputs included
STRICT = """
def _checked(command, _system=get_ipython().system):
    _system(command)
    status = get_ipython().user_ns["_exit_code"]
    assert status == 0, f"exit status {status}: {command}"

get_ipython().system = _checked
"""  # an exclamation mark alone lets a failed command pass


def committed(script: Path):
    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


def marked(script: Path):
    marks = pytest.mark.slow if script.name.startswith(HEAVY) else ()
    return pytest.param(script, marks=marks, id=script.stem)


@pytest.mark.parametrize("script", [marked(script) for script in SCRIPTS])
def test_runs_from_top_to_bottom(script, tmp_path, monkeypatch):
    monkeypatch.setenv("TFMEDGAN_NOTEBOOK_TEST", "1")
    commands = Path(sys.executable).parent  # of the environment that runs the tests
    monkeypatch.setenv("PATH", f"{commands}:/usr/bin:/bin")
    notebook = jupytext.read(script)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place).execute()
    assert _pictures(notebook), "shows no picture"


def _pictures(notebook) -> list:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [o for o in outputs if any(kind.startswith("image/") for kind in o.get("data", ()))]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_both_files_hold_the_same_cells(script):
    written, kept = jupytext.read(script), committed(script)
    cells = [[(c.cell_type, c.source) for c in book.cells] for book in (written, kept)]
    assert cells[0] == cells[1], f"{script.name} was changed; see CONTRIBUTING.md"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_outputs_are_of_a_whole_run_and_small(script):
    notebook = committed(script)
    assert script.with_suffix(".ipynb").stat().st_size < LARGEST
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [o for cell in code for o in cell.outputs if o.output_type == "error"]
    assert _pictures(notebook)
