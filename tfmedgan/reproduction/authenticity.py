"""Kind "authenticity": how near a generator comes to images it learned from, and to others.

Carrasco Limeros et al. 2022 measure how authentic images are by the cosine distance of an image to
its projection into the latent space. A distance alone says little: a generator that knows its
training images by heart comes nearer to them than to images that it never saw.
"""

from dataclasses import asdict, dataclass

import numpy as np

from tfmedgan.data.prepare import PreparedData
from tfmedgan.evaluation.images import ImagePool
from tfmedgan.evaluation.intervals import bootstrap_means
from tfmedgan.evaluation.run_images import held_out_of, pools_of
from tfmedgan.reproduction.material import prepared
from tfmedgan.reproduction.stages import Cell
from tfmedgan.reproduction.study import Result, Study
from tfmedgan.run_directory import RunDirectory
from tfmedgan.seeding import rng

TITLES = {
    "projection_training": "Distance of training images",
    "projection_held_out": "Distance of held-out images",
    "projection_gap": "Difference",
}
BETTER = {"projection_training": "none", "projection_held_out": "lower", "projection_gap": "lower"}
BOUNDS = {"projection_training": (0.0, 2.0), "projection_held_out": (0.0, 2.0)}
TOGETHER = 25  # images that are projected at once


@dataclass(frozen=True)
class Protocol:
    """How the distances of a row were measured."""

    distance: str
    images: int  # of each kind
    steps: int
    reference_digest: str  # of the held-out images that were projected


def measure(study: Study, run: RunDirectory, seed: int, cells: list[Cell]) -> list[Result]:
    """Mean cosine distances to the projections, and held-out less training with its interval.

    The run's networks are without labels; its images are drawn from the seed.
    """
    from tfmedgan.evaluation.run_generator import generator_of
    from tfmedgan.models import projection

    data = prepared(run.experiment.data)
    generator = generator_of(run)
    held_out = held_out_of(pools_of(data))
    assert held_out, "material._check_enough asks for images held out"
    results = []
    for cell in cells:
        count = min(study.scale_of(cell.table).projected, len(held_out))
        seen, unseen = (pool.at_most(count, seed) for pool in (_learned(run, data), held_out))
        near, far = distances(generator, seen), distances(generator, unseen)
        protocol = Protocol(
            "1 - correlation of pixels", len(unseen), projection.STEPS, unseen.digest
        )
        for metric in cell.table.metrics:
            value, low, high = figure(metric, near, far, seed)
            results.append(
                Result(cell.table.key, cell.row.label, seed, metric, value, low, high,
                       asdict(protocol), run=run.path.name, epochs=cell.epochs)
            )  # fmt: skip
    return results


def distances(generator, pool: ImagePool) -> np.ndarray:
    """Of each image the cosine distance to its projection, (N,)."""
    from tfmedgan.models import projection

    found = []
    for start in range(0, len(pool), TOGETHER):
        targets = pool.stack(range(start, min(start + TOGETHER, len(pool))))
        found += [p.cosine_distance for p in projection.project_all(generator, targets)]
    return np.array(found)


def figure(metric: str, near: np.ndarray, far: np.ndarray, seed: int) -> tuple[float, float, float]:
    """Value and interval over images of one metric, from the distances of both kinds."""
    draws = rng(seed, f"study/{metric}")
    if metric == "projection_gap":
        value = float(far.mean() - near.mean())
        return (value, *bootstrap_means([far, near], draws, lambda f, n: f - n))
    scores = near if metric == "projection_training" else far
    return (float(scores.mean()), *bootstrap_means([scores], draws))


def _learned(run: RunDirectory, data: PreparedData) -> ImagePool:
    """The images that the networks saw: of a site alone its own."""
    training, federation = pools_of(data)["train"], run.experiment.federation
    if not federation or not federation.only:
        return training
    own = set(run.data["sites"][federation.only]["images"]["train"])
    return training.take([i for i, name in enumerate(training.names) if name in own])
