"""The shape of the code: imports point one way, and light modules stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tfmedgan

ROOT = Path(tfmedgan.__file__).parent
ORDER = [
    "durations",
    "errors",
    "registry",
    "seeding",
    "files",
    "synthetic_png",
    "reporting",
    "serialization",
    "config",
    "data",
    "losses",
    "determinism",
    "machine",
    "architectures",
    "recipes",
    "models",
    "run_directory",
    "evaluation",
    "serving",
    "training",
    "classifiers",
    "downstream",
    "papers",
    "reproduction",
    "cli",
]
LIGHT = (
    "tfmedgan", "tfmedgan.config", "tfmedgan.architectures", "tfmedgan.papers",
    "tfmedgan.data.sources", "tfmedgan.data.prepare", "tfmedgan.training.validation_checks",
    "tfmedgan.training.cluster", "tfmedgan.training.shares",
    "tfmedgan.classifiers", "tfmedgan.cli.train", "tfmedgan.cli.generate", "tfmedgan.cli.monitor",
    "tfmedgan.cli.classify",
    "tfmedgan.cli.study", "tfmedgan.reproduction.run",
    "tfmedgan.cli.export", "tfmedgan.serving.formats",
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


@pytest.mark.parametrize("module", LIGHT)
def test_light_modules_do_not_load_tensorflow(module):
    code = f"import sys, {module}; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
