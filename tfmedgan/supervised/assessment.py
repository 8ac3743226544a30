"""The images that a finished network is measured on."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import PreparedData
from tfmedgan.data.records import ImageArrays
from tfmedgan.errors import require
from tfmedgan.supervised.leaks import refuse_trained_on
from tfmedgan.supervised.run import SupervisedRun


def whole_source(config: DataConfig, source: str, **changes) -> DataConfig:
    """Another source, prepared as `config` says but for what selects and splits its images."""
    whole = {"split_file": "", "fractions": (1.0, 0.0, 0.0), "images": None, "balance": "none"}
    return replace(config, source=source, **{**whole, **changes})


def images_to_score(
    run: SupervisedRun, data: PreparedData, own: Callable[[], PreparedData] | None
) -> tuple[ImageArrays, str, tuple[str, ...]]:
    """All images of `data`, or those of its test part, what they are, and notes on them.

    Args:
        own: prepares the run's own images, where `data` are others; None: they are the run's own.

    Raises:
        InputError: when the run's own images have changed, or no test part is left of them; when
            training images are among the others.
    """
    if own:
        images = _everything(data)
        notes = refuse_trained_on(run, images, data.source, own)
        return images, f"all of {data.source}", (*data.notes, *notes)
    require(data.digest == run.data["digest"], f"{data.source}: has changed since the run")
    require(
        len(data.parts["test"]) > 0,
        f"{data.source}: the test part is empty; give other images with --against SOURCE",
    )
    return data.parts["test"], f"test part of {data.source}", data.notes


def _everything(data: PreparedData) -> ImageArrays:
    parts = [part for part in data.parts.values() if len(part)]
    if len(parts) == 1:  # which may be a memory map
        return parts[0]
    return ImageArrays(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
        tuple(name for part in parts for name in part.names),
    )
