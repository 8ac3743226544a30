"""What a training asks for, reckoned before it: images, updates, floating-point operations."""

import json
from functools import lru_cache
from pathlib import Path

from tfmedgan.config import Experiment
from tfmedgan.data.manifest_file import find_manifest
from tfmedgan.data.sources import open_source

COSTS = Path(__file__).with_name("costs.json")  # written by benchmarks/costs.py
PFLOP_AN_HOUR = 1.0  # about what the two cores of benchmarks/speed.md do


@lru_cache(maxsize=1)
def gigaflops_an_image() -> dict[str, float]:
    """10⁹ operations for each real image shown, by the name of an architecture or a preset."""
    return json.loads(COSTS.read_text())


def petaflops(experiment: Experiment, images: int) -> float | None:
    """10¹⁵ operations of convolutions and matrix products in the whole run.

    Args:
        images: that the experiment trains on.

    Returns:
        None for an architecture of one's own, which nobody has counted.
    """
    cost = gigaflops_an_image().get(experiment.name)
    if cost is None:
        return None
    return updates(experiment, images) * images_per_update(experiment) * cost / 1e6


def updates(experiment: Experiment, images: int) -> int:
    """Updates of the generator in the whole run."""
    return experiment.epochs * experiment.model.steps_per_epoch(images, experiment.batch_size)


def images_per_update(experiment: Experiment) -> int:
    """Real images shown for each update of the generator."""
    return experiment.model.images_per_step(experiment.batch_size)


def published_counts(source: str) -> dict[str, int]:
    """Images of each class, by what is published of the data set; 0 where that is not said."""
    if source.startswith("manifest:"):
        return {c.name: c.count or 0 for c in find_manifest(source.split(":")[1]).classes}
    return open_source(source).counts()


def training_images(experiment: Experiment, classes: tuple[str, ...] = ()) -> int:
    """How many images the experiment trains on, by `published_counts`.

    Args:
        classes: those to train on; empty: those of the experiment, or all.
    """
    data = experiment.data
    chosen = classes or data.classes
    counts = published_counts(data.source)
    total = sum(count for name, count in counts.items() if not chosen or name in chosen)
    published = round(total * data.fractions[0])
    return min(published, data.images or published)
