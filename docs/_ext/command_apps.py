"""The Typer applications behind the console scripts of the installed package."""

from importlib import import_module
from importlib.metadata import entry_points
from unittest.mock import patch

import typer.main


def command_apps() -> dict:
    """Name of each console script → its parsed application, in alphabetical order.

    A script's `main` hands its application to `console.run`, which is caught here.
    """
    scripts = entry_points(group="console_scripts")
    ours = {s.name: s.value for s in scripts if s.value.startswith("tfmedgan.")}
    return {name: _application(ours[name]) for name in sorted(ours)}


def _application(target: str):
    module, function = target.split(":")
    main = getattr(import_module(module), function)
    with patch("tfmedgan.cli.console.run") as run:
        main()
    return typer.main.get_command(run.call_args.args[0])


def subcommands(application) -> dict:
    """Name → command; of an application with one command, the empty name."""
    return getattr(application, "commands", None) or {"": application}
