"""The ways a command can end early, and the exit status of each."""

import re
from collections.abc import Collection

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


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


def require_known(what: str, name: object, valid: Collection[str]) -> None:
    """Raise `InputError` unless the name is one of those that are valid, which it lists."""
    require(name in valid, f"{what} {name!r}; valid: {', '.join(valid)}")


def printable(text: object) -> str:
    r"""The text on one line: bytes of a name that are not UTF-8 as \xe9, a line break as \n."""
    return UNPRINTABLE.sub(_escaped, str(text))


def require_printable(text: object, what: str) -> None:
    """Raise `InputError` for a name that could not stand in a report, a split or a table."""
    name, surrogates = printable(text), any("\ud800" <= letter <= "\udfff" for letter in str(text))
    reason = "is not in UTF-8; rename it, for example with convmv -t utf-8"
    if not surrogates:
        reason = "holds a control character, such as a line break; rename it"
    require(name == str(text), f"{what}{name}: this name {reason}")


def _escaped(letter: re.Match) -> str:
    code = ord(letter[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else ascii(letter[0])[1:-1]
