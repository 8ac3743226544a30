"""The shape of the code: imports point one way, and light modules stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tfmedgan

ROOT = Path(tfmedgan.__file__).parent
OWN_ERRORS = {"InputError", "JobError", "Diverged", "Interrupted"}
ORDER = [
    "durations",
    "errors",
    "typed",
    "registry",
    "seeding",
    "files",
    "synthetic_png",
    "reporting",
    "serialization",
    "config",
    "data",
    "costs",
    "losses",
    "determinism",
    "machine",
    "architectures",
    "recipes",
    "models",
    "run_logs",
    "run_directory",
    "evaluation",
    "reader_study",
    "serving",
    "training",
    "federated",
    "supervised",
    "classifiers",
    "segmentation",
    "downstream",
    "papers",
    "reproduction",
    "cli",
]
LIGHT = (
    "tfmedgan", "tfmedgan.config", "tfmedgan.architectures", "tfmedgan.papers",
    "tfmedgan.data.sources", "tfmedgan.data.prepare", "tfmedgan.training.validation_checks",
    "tfmedgan.training.cluster", "tfmedgan.training.shares",
    "tfmedgan.federated.sites", "tfmedgan.federated.averaging", "tfmedgan.cli.train_sites",
    "tfmedgan.classifiers", "tfmedgan.cli.train", "tfmedgan.cli.generate", "tfmedgan.cli.monitor",
    "tfmedgan.cli.classify", "tfmedgan.segmentation", "tfmedgan.segmentation.parts",
    "tfmedgan.segmentation.files", "tfmedgan.cli.segment",
    "tfmedgan.downstream.config", "tfmedgan.cli.segment_study",
    "tfmedgan.cli.study", "tfmedgan.reproduction.run",
    "tfmedgan.cli.export", "tfmedgan.serving.formats",
    "tfmedgan.cli.readers", "tfmedgan.reader_study.report",
    "tfmedgan.reporting.pages", "tfmedgan.reporting.charts", "tfmedgan.reporting.grids",
)  # fmt: skip


def imported(path: Path) -> set[str]:
    """Names of the toolkit's parts that a file imports at its top level."""
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            deep = node.module == "tfmedgan"
            names |= {f"tfmedgan.{a.name}" for a in node.names} if deep else {node.module}
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("tfmedgan.")}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=str)
def test_imports_point_left(path):
    part = path.relative_to(ROOT).parts[0].removesuffix(".py")
    if part == "__init__":
        return
    limit = ORDER.index(part)
    assert all(ORDER.index(name) <= limit for name in imported(path) if name != "__version__")


def modules(root: Path) -> dict[str, Path]:
    """Files of a package by the names that imports give them."""
    parts = {
        path: path.relative_to(root.parent).with_suffix("").parts for path in root.rglob("*.py")
    }
    return {".".join(p).removesuffix(".__init__"): path for path, p in parts.items()}


def imports_of(path: Path, known) -> set[str]:
    """Modules among `known` that a file imports, at its top or within functions.

    `from package import name` counts as the module `package.name` where that is one, and as the
    package's __init__ else. That a package's __init__ runs before each of its modules is no
    import of the file.
    """
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                names.add(whole if whole in known else node.module)
    return names & set(known)


def circles(root: Path) -> list[set[str]]:
    """Sets of modules that import each other, directly or by way of others."""
    known = modules(root)
    direct = {name: imports_of(path, known) for name, path in known.items()}

    def reached(name: str) -> set[str]:
        seen, todo = set(), [name]
        while todo:
            new = direct[todo.pop()] - seen
            seen |= new
            todo += new
        return seen

    beyond = {name: reached(name) for name in known}
    rings = {frozenset(m for m in beyond[n] if n in beyond[m]) for n in known if n in beyond[n]}
    return [set(ring) for ring in rings]


def test_no_files_import_in_a_circle():
    assert circles(ROOT) == []


def test_circles_within_functions_and_packages_are_seen(tmp_path):
    root = tmp_path / "house"
    (root / "room").mkdir(parents=True)
    files = {
        "__init__": "", "room/__init__": "from house.room import chair",
        "room/chair": "from house import door", "door": "def f():\n from house.room import table",
        "room/table": "import house.room.chair", "alone": "from house.room import NAME",
    }  # fmt: skip
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    assert circles(root) == [{"house.door", "house.room.chair", "house.room.table"}]


def quoted_errors(path: Path) -> list[int]:
    """Lines that put the text of an error into words of ours, unless it is one of ours."""
    lines = []
    for handler in ast.walk(ast.parse(path.read_text())):
        if not isinstance(handler, ast.ExceptHandler) or not handler.name or not handler.type:
            continue
        if {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} <= OWN_ERRORS:
            continue
        for node in ast.walk(handler):
            quoted = node.value if isinstance(node, ast.FormattedValue) else None
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("str", "repr"):
                quoted = node.args[0]
            if isinstance(quoted, ast.Name) and quoted.id == handler.name:
                lines.append(node.lineno)
    return lines


def test_no_text_of_a_python_exception_reaches_a_user():
    told = {str(path.relative_to(ROOT)): quoted_errors(path) for path in ROOT.rglob("*.py")}
    assert {name: lines for name, lines in told.items() if lines} == {}


@pytest.mark.parametrize(
    ("caught", "said", "found"),
    [
        ("ValueError", 'f"damaged: {error}"', [4]),
        ("(OSError, KeyError)", "str(error)", [4]),
        ("OSError", 'f"damaged: {error.strerror}"', []),
        ("InputError", 'f"damaged: {error}"', []),
    ],
)
def test_quoted_errors_are_seen(tmp_path, caught, said, found):
    code = f"try:\n    work()\nexcept {caught} as error:\n    raise InputError({said}) from error\n"
    (tmp_path / "file.py").write_text(code)
    assert quoted_errors(tmp_path / "file.py") == found


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_do_not_load_tensorflow(module):
    code = f"import sys, {module}; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
