"""A command's options as a frozen dataclass: one field, with its help, is one option."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from typing import Annotated, Any

import typer

from tfmedgan.errors import require

Quiet = Annotated[bool, typer.Option("--quiet", help="Print the result only.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AllowMissing = Annotated[
    bool, typer.Option("--allow-missing", help="Go on without images that are listed but absent.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Go on without images that cannot be read.")
]


def add_command(app: typer.Typer, options: type, function: Callable, name: str | None = None):
    """Let the application have the command that fills an object of `options` for `function`."""

    def call(**values):
        function(options(**values))

    call.__signature__ = inspect.signature(options)
    call.__doc__ = function.__doc__
    app.command(name or function.__name__)(call)


def given(options: Any, *without: str) -> dict[str, Any]:
    """The values that are not the default ones, by field, but those `without`."""
    values = {field.name: getattr(options, field.name) for field in fields(options)}
    defaults = {field.name: field.default for field in fields(options)}
    return {n: v for n, v in values.items() if n not in without and v != defaults[n]}


def refuse(options: Any, reason: str, *but: str) -> None:
    """Refuse options that would be ignored, by the names that the user typed.

    Args:
        reason: begins the message: the mode in which they mean nothing.
        but: fields that may be given, those that print (`quiet`, `as_json`) among them.

    Raises:
        InputError: if others are given.
    """
    others = [typed(options, name) for name in given(options, *but)]
    require(not others, f"{reason}; leave out {', '.join(others)}")


def typed(options: Any, name: str) -> str:
    """The option of a field as users type it: "--validate-every"; of a switch, as it is set."""
    (kind,) = next(f.type for f in fields(options) if f.name == name).__metadata__
    if isinstance(kind, typer.models.ArgumentInfo):
        return kind.metavar or name.upper()
    declared = kind.default if isinstance(kind.default, str) else f"--{name.replace('_', '-')}"
    return declared.split("/")[-1 if getattr(options, name) is False else 0]
