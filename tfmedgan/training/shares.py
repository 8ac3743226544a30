"""Equal parts of every batch for several replicas; free of TensorFlow."""

import numpy as np

from tfmedgan.config import Experiment
from tfmedgan.errors import require
from tfmedgan.training.cluster import Task


def check_shares(experiment: Experiment, strategy: str, replicas: int) -> None:
    """Raise `InputError` unless so many replicas can train the experiment."""
    require(
        not experiment.jit,
        f"--jit: not with --strategy {strategy}; XLA does not compile what the replicas tell "
        "each other; leave one of them out",
    )
    require(
        experiment.precision != "mixed_float16",
        f"--precision mixed_float16: not with --strategy {strategy}; each replica would judge "
        "by itself whether gradients are finite; use mixed_bfloat16 or float32",
    )
    rows = _rows_per_update(experiment, experiment.batch_size)
    require(
        rows % replicas == 0,
        f"--batch-size {experiment.batch_size}: {replicas} replicas cannot share the {rows} "
        "real images of an update equally; the next size that they can is "
        f"{_next_size(experiment, replicas)}",
    )


def _rows_per_update(experiment: Experiment, batch_size: int) -> int:
    model = experiment.model
    return model.images_per_step(batch_size) // model.batches_per_step


def _next_size(experiment: Experiment, replicas: int) -> int:
    sizes = range(experiment.batch_size, experiment.batch_size + 4 * replicas)
    return next(s for s in sizes if _rows_per_update(experiment, s) % replicas == 0)


def rows_of_worker(experiment: Experiment, place: Task, replicas: int) -> np.ndarray:
    """Rows of a step's real images that each replica of a worker takes, (replicas of it, n).

    A step's images are seen in parts, one after the other; each replica has its rows of each.
    """
    model = experiment.model
    every = np.arange(model.images_per_step(experiment.batch_size))
    parts = every.reshape(model.batches_per_step, replicas, -1).swapaxes(0, 1)
    local = replicas // place.workers
    return parts.reshape(replicas, -1)[place.number * local :][:local]
