"""The two ways a command can fail, and the exit status of each."""


class InputError(ValueError):
    """What the user gave is wrong. The message is one line: what, where, and what would be right."""

    exit_status = 2


class JobError(RuntimeError):
    """The job itself failed: training diverged, the disk is full. The message is one line."""

    exit_status = 1


def require(condition: bool, message: str) -> None:
    """Raise `InputError(message)` unless `condition` holds."""
    if not condition:
        raise InputError(message)
