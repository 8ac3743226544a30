"""The start of TensorFlow on the devices of a strategy."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tfmedgan.cli import console
from tfmedgan.training.cluster import Task

if TYPE_CHECKING:
    from tfmedgan.training.distribution import Distribution


def start_devices(place: Task, quiet: bool) -> "Distribution":
    """TensorFlow's `Distribution` of a strategy, once all workers are there."""
    if place.workers > 1 and not quiet:
        console.stderr.print(f"{place}: waiting for the others")
    console.start_tensorflow()
    with console.quiet_tensorflow(), _interruptible():
        from tfmedgan.training.distribution import distribute

        return distribute(place.strategy)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end the process at once, while a call of TensorFlow's does not come back."""
    former = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
