"""Progress of a training by epochs on stderr."""

import time

from rich.console import Console

LINE_EVERY = 5.0  # seconds


class EpochProgress:
    """A line now and then: the epoch, the time left at most, and the validation."""

    def __init__(self, first: int, epochs: int):
        self.console = Console(stderr=True, highlight=False)
        self.first, self.epochs = first, epochs
        self.started = self.spoken = time.monotonic()

    def __call__(self, epoch: dict[str, float]) -> None:
        now, number = time.monotonic(), int(epoch["epoch"])
        if now - self.spoken < LINE_EVERY and number < self.epochs:
            return
        self.spoken = now
        left = (now - self.started) / (number - self.first) * (self.epochs - number)
        values = "  ".join(f"{k} {v:.4f}" for k, v in epoch.items() if k != "epoch")
        line = f"epoch {number}/{self.epochs}  at most {left:.0f} s left  {values}"
        self.console.print(line, soft_wrap=True)
