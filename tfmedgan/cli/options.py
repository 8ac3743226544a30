"""A command's options as a frozen dataclass: one field, with its help, is one option."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from tfmedgan.errors import require

MOST_IMAGES = 1_000_000  # that one call generates


def option(what: str, *names: str, default: Any = None, **more: Any) -> Any:
    """A field that is an option; `names` are those typed where they are not just --FIELD."""
    return field(default=default, metadata={"kind": typer.Option(*names, help=what, **more)})


def required(what: str, *names: str) -> Any:
    """A field that is an option which must be given."""
    return option(what, *names, default=MISSING)


def switch(name: str, what: str) -> Any:
    """A field that is an option without a value, off unless it is given."""
    return option(what, name, default=False)


def argument(what: str, default: Any = MISSING, **more: Any) -> Any:
    """A field that is given by its place."""
    return field(default=default, metadata={"kind": typer.Argument(help=what, **more)})


@dataclass(frozen=True, kw_only=True)
class Printing:
    """What commands with a result have."""

    quiet: bool = switch("--quiet", "Print the result only.")
    as_json: bool = switch("--json", "Print the result as JSON.")


@dataclass(frozen=True, kw_only=True)
class Reading(Printing):
    """What commands have that read images."""

    allow_missing: bool = switch(
        "--allow-missing", "Go on without images that are listed but absent."
    )
    skip_bad: bool = switch("--skip-bad", "Go on without images that cannot be read.")


@dataclass(frozen=True, kw_only=True)
class Learning(Reading):
    """What commands have that train a network by labels or masks."""

    patience: int | None = option("Stop when the validation loss has not improved for so many.")
    batch_size: int | None = option("")
    learning_rate: float | None = option("Of Adam.")
    fractions: str | None = option("Train, validation, test, as 70:15:15.")
    split_file: str | None = option("A split written before.")
    seed: int | None = option("Decides everything that is random.")
    out: Path | None = option("New run directory.")
    resume: Path | None = option("Go on with this run.")


def add_command(
    app: typer.Typer, options: type, function: Callable, name: str | None = None
) -> None:
    """Let the application have the command that fills an object of `options` for `function`."""

    def call(**values: Any) -> None:
        function(options(**values))

    # Typer asks for it, though functions have none that is declared.
    call.__signature__ = inspect.Signature(_parameters(options))  # type: ignore[attr-defined]
    call.__doc__ = function.__doc__
    app.command(name or function.__name__)(call)


def _parameters(options: type) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            f.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if f.default is MISSING else f.default,
            annotation=Annotated[f.type, f.metadata["kind"]],
        )
        for f in _ordered(options)
    ]


def _ordered(options: type) -> list:
    """The fields as --help lists them: a class's own before those that it shares with others."""
    order = [name for cls in options.__mro__ for name in vars(cls).get("__annotations__", ())]
    return sorted(fields(options), key=lambda f: order.index(f.name))


def given(options: Any, *without: str) -> dict[str, Any]:
    """The values that are not the default ones, by field, but those `without`."""
    values = {f.name: getattr(options, f.name) for f in _ordered(type(options))}
    defaults = {f.name: f.default for f in fields(options)}
    return {n: v for n, v in values.items() if n not in without and v != defaults[n]}


def refuse(options: Any, reason: str, *names: str) -> None:
    """Refuse fields that would be ignored, by what the user typed for them.

    Args:
        reason: begins the message: why they mean nothing.

    Raises:
        InputError: if one of them is given.
    """
    idle = [_typed(options, name) for name in given(options) if name in names]
    require(not idle, f"{reason}; leave out {', '.join(idle)}")


def refuse_others(options: Any, reason: str, *but: str) -> None:
    """Refuse all but some fields, as `refuse` does."""
    refuse(options, reason, *given(options, *but))


def _typed(options: Any, name: str) -> str:
    """The option of a field as users type it: "--validate-every"; of a switch, as it is set."""
    kind = next(f.metadata["kind"] for f in fields(options) if f.name == name)
    if isinstance(kind, typer.models.ArgumentInfo):
        return kind.metavar or name.upper()
    declared = kind.default if isinstance(kind.default, str) else f"--{name.replace('_', '-')}"
    return declared.split("/")[-1 if getattr(options, name) is False else 0]
