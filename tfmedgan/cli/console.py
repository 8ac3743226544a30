"""What all commands share: one-line errors, exit statuses, and a quiet start of TensorFlow."""

import io
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console

import tfmedgan
from tfmedgan.cli.options import add_command
from tfmedgan.errors import InputError, Interrupted, JobError, printable, require, require_printable
from tfmedgan.files import finite

# What Typer raises for arguments that it cannot read, by its own name or by that of Click, on which
# the versions stand that Flower can live with.
REFUSALS = ("TyperException", "ClickException")
TyperException: Any = next(
    cls for cls in reversed(typer.BadParameter.__mro__) if cls.__name__ in REFUSALS
)

PLAIN: Any = {"highlight": False, "markup": False, "emoji": False}  # names may hold any of it
stderr = Console(stderr=True, **PLAIN)
stdout = Console(**PLAIN)


def result(line: str) -> None:
    """A line on stdout, unbroken, so that paths can be copied."""
    stdout.print(line, soft_wrap=True)


def result_json(data: Any) -> None:
    """JSON on stdout; null for what is not finite, which JSON has no words for."""
    print(json.dumps(finite(data), allow_nan=False))


def say(line: str, quiet: bool = False) -> None:
    """A line on stderr, beside the result; --quiet holds it back."""
    if not quiet:
        stderr.print(line, soft_wrap=True)


def show_notes(notes: Iterable[str], quiet: bool = False) -> None:
    """What a user should know of the data, on stderr; --quiet holds it back."""
    for note in notes:
        say(f"note: {note}", quiet)


def application(what: str = "") -> typer.Typer:
    """A Typer application for `run`; `what` is the help of one with subcommands."""
    return typer.Typer(
        add_completion=False,
        no_args_is_help=bool(what),
        pretty_exceptions_enable=False,
        help=what or None,
    )


def command(function: Callable, options: type) -> typer.Typer:
    """The application of a command with one function of one object of its options."""
    app = application()
    add_command(app, options, function)
    return app


def run(app: typer.Typer, name: str) -> None:
    """Run the application; every failure becomes one line on stderr and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that is not in UTF-8 gets a ?
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _stop)
    sys.exit(_status(app, name))


def _stop(*_: Any) -> None:
    """End as after Ctrl-C, so that nothing half-written stays."""
    raise KeyboardInterrupt


def _status(app: typer.Typer, name: str) -> int:
    if sys.argv[1:] == ["--version"]:
        result(f"{name} {tfmedgan.__version__}")
        return 0
    try:
        _check_arguments(sys.argv[1:])
        _check_once(app, sys.argv[1:])
        status = app(prog_name=name, standalone_mode=False) or 0
        # Typer answers Ctrl-C with a status and no word.
        return _fail(name, "interrupted", status) if status == Interrupted.exit_status else status
    except (KeyboardInterrupt, typer.Abort):
        return _fail(name, "interrupted", Interrupted.exit_status)
    except TyperException as error:
        return _fail(name, _with_usage(error, name), error.exit_code)
    except (InputError, JobError, Interrupted) as error:
        return _fail(name, str(error), error.exit_status)
    except OSError as error:
        reason = error.strerror or "cannot be read or written"
        return _fail(name, f"{error.filename or 'file system'}: {reason}", 1)


def _check_arguments(arguments: list[str]) -> None:
    """Refuse what cannot be shown, and an empty value, which would pass for an option left out."""
    for before, argument in zip(["", *arguments], arguments, strict=False):
        require_printable(argument, "argument ")
        name = argument.removesuffix("=") or before or "argument"
        require(
            not re.fullmatch("(--[^=]+=)?", argument),
            f"{name}: the value is empty; is a variable of the shell not set?",
        )


def _check_once(app: typer.Typer, arguments: list[str]) -> None:
    """Refuse an option that is given twice, of which the first would be ignored."""
    command: Any = typer.main.get_command(app)
    if arguments:
        command = getattr(command, "commands", {}).get(arguments[0], command)
    options = {
        name: option
        for option in command.params
        for name in (*option.opts, *option.secondary_opts)
        if name.startswith("--") and not getattr(option, "multiple", False)
    }
    seen: dict[str, str] = {}  # by option, what was typed for it
    for place, argument in enumerate(arguments, 1):
        name = argument.partition("=")[0]
        # Of a last one without its value Typer has more to say.
        whole = place < len(arguments) or "=" in argument
        if name in options and (whole or options[name].is_flag):
            earlier = seen.get(options[name].name, "")
            both = name if earlier == name else f"{earlier} and {name}"
            require(not earlier, f"{both}: given twice; give one")
            seen[options[name].name] = name


def _fail(name: str, message: str, status: int) -> int:
    line = printable(" ".join(message.split()))
    print(f"{name}: {line}", file=sys.stderr)
    return status


def _with_usage(error: TyperException, name: str) -> str:
    """Typer says what was wrong; `--help` says what would be right."""
    context = getattr(error, "ctx", None)
    message = error.format_message().rstrip(".")
    return f"{message}; see {context.command_path if context else name} --help"


@contextmanager
def quiet_tensorflow() -> Iterator[None]:
    """Hold back what TensorFlow's start prints on file descriptor 2, unless the start fails.

    Its start-up lines ignore TF_CPP_MIN_LOG_LEVEL, so the descriptor itself is redirected.
    """
    # The graph optimizer's false alarms are at level 2.
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = os.environ.get("TF_CPP_MIN_LOG_LEVEL") or "3"
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except (InputError, JobError, KeyboardInterrupt):  # one line says it all
            raise
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def start_tensorflow() -> None:
    """Import TensorFlow without its start-up lines and let GPU memory grow as needed."""
    with quiet_tensorflow():
        import tensorflow as tf

        tf.get_logger().setLevel("ERROR")  # warns of a new graph for each new network
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)


@contextmanager
def counting(quiet: bool = False) -> Iterator[Callable[[int, int, str], None]]:
    """A callable (done, total, what) that shows a bar on stderr for work of over two seconds."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal)
    started = time.monotonic()
    tasks: dict[str, Any] = {}

    def show(done: int, total: int, what: str) -> None:
        if quiet or (what not in tasks and time.monotonic() - started < 2):
            return
        bar.start()
        if what not in tasks:
            tasks[what] = bar.add_task(what)
        bar.update(tasks[what], completed=done, total=total)

    try:
        yield show
    finally:
        if tasks:
            bar.stop()
