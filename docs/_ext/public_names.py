"""The reference of the Python interface: what each package hands out under its own name."""

from importlib import import_module
from inspect import isclass

LAZY = ("tfmedgan.data", "tfmedgan.training", "tfmedgan.evaluation")  # packages with a list _HOME


def sections() -> str:
    """A section per package, an autodoc directive per name."""
    return "\n".join(_section(package) for package in LAZY)


def _section(package: str) -> str:
    module = import_module(package)
    blocks = [_directive(package, name, getattr(module, name)) for name in module._HOME]
    return f"## {package}\n\n```{{eval-rst}}\n{''.join(blocks)}```\n"


def _directive(package: str, name: str, thing) -> str:
    kind = "class" if isclass(thing) else "function"
    members = "   :members:\n" if isclass(thing) else ""
    return f".. auto{kind}:: {package}.{name}\n{members}\n"
