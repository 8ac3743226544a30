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
