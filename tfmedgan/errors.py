"""The ways a command can end early, and the exit status of each."""


class InputError(ValueError):
    """The user gave something wrong. The message is one line: what, where, what would be right."""

    exit_status = 2


class JobError(RuntimeError):
    """The job itself failed: training diverged, the disk is full. The message is one line."""

    exit_status = 1


class Diverged(JobError):
    """Training left the finite numbers: a result of the method, unlike a full disk."""


class Interrupted(RuntimeError):
    """The user stopped the job; everything is saved. The message says how to go on."""

    exit_status = 130


def require(condition: object, message: str) -> None:
    """Raise `InputError(message)` unless `condition` holds."""
    if not condition:
        raise InputError(message)


def printable(text: object) -> str:
    r"""The text, with the bytes of a file name that are not UTF-8 as \xe9."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def require_utf8(text: object, what: str) -> None:
    """Raise `InputError` where a name is not UTF-8: it could not stand in a report or a split."""
    name = printable(text)
    require(
        name == str(text),
        f"{what}{name}: this name is not in UTF-8; rename it, for example with convmv -t utf-8",
    )
