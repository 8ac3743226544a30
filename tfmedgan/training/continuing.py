"""What a run must still be before it can go on."""

from typing import Any

from tfmedgan.data.prepare import PreparedData
from tfmedgan.errors import require
from tfmedgan.run_directory import TrainingDirectory
from tfmedgan.training.checkpoints import CheckpointStore


def require_whole(run: TrainingDirectory) -> None:
    """Raise `InputError` if a run has lost its checkpoints, or its log: it would begin again.

    A run that was killed in its first epoch has neither yet.
    """
    history, store = run.history(), CheckpointStore(run.checkpoints)
    require(
        store.paths() or not (run.summary or len(history) > 1),
        f"{run.checkpoints}: no checkpoint is left to go on from; restore them from a backup, or "
        "train anew with another --out",
    )
    epochs = store.last().epoch
    require(
        history or not epochs,
        f"{run.metrics_csv}: has none of the {epochs} epochs that the run has gone through; "
        "restore it from a backup, or train anew with another --out",
    )
    numbers = [row["epoch"] for row in history]
    require(
        numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= epochs,
        f"{run.metrics_csv}: its epochs are not 1 to {max(epochs, len(numbers))}, one after the "
        "other; restore it from a backup",
    )


def require_same_images(run: Any, data: PreparedData) -> None:
    """Raise `InputError` unless a run began with these images, in these parts."""
    config = run.experiment.data
    require(
        data.digest == run.data["digest"],
        f"{config.source}: the images have changed since {run.path} began "
        f"(digest {data.digest[:12]}, then {run.data['digest'][:12]})",
    )
    require(
        data.split.digest == run.split.digest,
        f"{config.split_file or config.source}: the images are split otherwise than when "
        f"{run.path} began; restore the split, which is in its data.json, too",
    )
