"""What all commands share: one-line errors, exit statuses, and a quiet start of TensorFlow."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from typer.exceptions import TyperException

from tfmedgan.errors import InputError, Interrupted, JobError, printable, require, require_utf8

LEAST_FREE = 256 << 20  # bytes; a run of the default architecture takes about a quarter of it

stderr = Console(stderr=True, highlight=False)
stdout = Console(highlight=False)


def command(function):
    """The Typer application of a command with one function, e.g. tfmedgan-train."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(function)
    return app


def run(app: typer.Typer, name: str) -> None:
    """Run the application; every failure becomes one line on stderr and an exit status."""
    sys.exit(_status(app, name))


def _status(app: typer.Typer, name: str) -> int:
    try:
        for argument in sys.argv[1:]:
            require_utf8(argument, "argument ")
        status = app(prog_name=name, standalone_mode=False) or 0
        # Typer answers Ctrl-C with a status and no word.
        return _fail(name, "interrupted", status) if status == Interrupted.exit_status else status
    except (KeyboardInterrupt, typer.Abort):
        return _fail(name, "interrupted", Interrupted.exit_status)
    except TyperException as error:
        return _fail(name, _with_usage(error), error.exit_code)
    except (InputError, JobError, Interrupted) as error:
        return _fail(name, str(error), error.exit_status)
    except OSError as error:
        return _fail(name, f"{error.filename or 'file system'}: {error.strerror or error}", 1)


def _fail(name: str, message: str, status: int) -> int:
    line = printable(" ".join(message.split()))
    print(f"{name}: {line}", file=sys.stderr)
    return status


def _with_usage(error: TyperException) -> str:
    """Typer says what was wrong; where it knows the command, `--help` says what would be right."""
    context = getattr(error, "ctx", None)
    message = error.format_message().rstrip(".")
    return f"{message}; see {context.command_path} --help" if context else message


def show_notes(notes: Iterable[str], quiet: bool = False) -> None:
    """What a user should know of the data, on stderr; --quiet holds it back."""
    for note in () if quiet else notes:
        stderr.print(f"note: {note}", soft_wrap=True, markup=False)


def check_new_directory(option: str, path: Path) -> None:
    """Raise `InputError` unless a new directory can be made at `path`, with room in it."""
    require(not path.exists(), f"{option} {path}: exists already; choose another")
    home = next(parent for parent in path.absolute().parents if parent.exists())
    require(home.is_dir(), f"{option} {path}: {home} is not a directory")
    require(
        os.access(home, os.W_OK | os.X_OK), f"{option} {path}: no permission to write in {home}"
    )
    free = shutil.disk_usage(home).free
    require(
        free >= LEAST_FREE,
        f"{option} {path}: {free >> 20} MiB free on this disk; at least {LEAST_FREE >> 20} needed",
    )


@contextmanager
def quiet_tensorflow():
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
        except (InputError, JobError):  # one line says it all
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
def counting(quiet: bool = False):
    """A callable (done, total, what) that shows a bar on stderr for work of over two seconds."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=stderr, transient=True)
    started = time.monotonic()
    tasks = {}

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
