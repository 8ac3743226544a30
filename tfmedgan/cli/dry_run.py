"""What tfmedgan-train --dry-run shows: the experiment, its data, its size and its time."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from tfmedgan.cli.console import result_json, stdout
from tfmedgan.cli.tables import Facts
from tfmedgan.config import Experiment
from tfmedgan.data.prepare import PreparedData
from tfmedgan.recipes import WORTH_A_LOOK
from tfmedgan.run_directory import RunDirectory, data_record
from tfmedgan.serialization import encode
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.cluster import Task
from tfmedgan.training.distribution import Distribution, distribute
from tfmedgan.training.environment import with_precision
from tfmedgan.training.loop import batches, build, steps_per_epoch
from tfmedgan.training.shares import check_shares

TIMED_STEPS = 5


def show(experiment: Experiment, data: PreparedData, place: Task, as_json: bool) -> None:
    """Print everything that is known before training; train nothing.

    Several workers are not waited for: the time is that of a replica's part of the batch.
    """
    experiment = with_precision(experiment)
    distribution, replicas = _devices(experiment, place)
    part = experiment.batch_size // replicas
    timed = replace(experiment, batch_size=max(2, part)) if place.workers > 1 else experiment
    with distribution.scope():
        model = build(timed)
    sites = _sites(experiment, data)
    federation = experiment.federation
    per_epoch = federation.local_steps if federation else steps_per_epoch(experiment, data)
    at_one = per_epoch * experiment.epochs
    steps = at_one * max(1, len(sites))
    seconds = _seconds_per_step(model, timed, data, distribution)
    note = " without communication" if place.workers > 1 else ""
    facts = {
        "experiment": encode(experiment),
        "images": data_record(data)["counts"],
        "parameters": {
            "generator": model.generator.count_params(),
            "discriminator": model.discriminator.count_params(),
        },
        "steps": {"per round": per_epoch, "at each site": at_one, "in all": steps}
        if sites
        else {"per epoch": per_epoch, "in all": steps},
        **({"training images at": sites} if sites else {}),
        "devices": {**place.record, "replicas": replicas, "batch of a replica": part},
        f"estimated minutes{note}": round(seconds * steps / 60, 1),
    }
    if kimg := WORTH_A_LOOK.get(experiment.model.family):
        first = 1000 * kimg / experiment.model.images_per_step(experiment.batch_size)
        facts["minutes until worth a look"] = round(seconds * min(first, steps) / 60, 1)
    if as_json:
        result_json(facts)
    else:
        del facts["experiment"]
        stdout.print(table(experiment, facts))


def _sites(experiment: Experiment, data: PreparedData) -> dict[str, int]:
    """Training images of each site of a federation; there is none without."""
    if experiment.federation is None:
        return {}
    from tfmedgan.federated.sites import divided

    own = divided(experiment.federation, experiment.data, data, experiment.seed)
    return {name: len(site.parts["train"]) for name, site in own.items()}


def table(experiment: Experiment, facts: dict) -> Facts:
    """The values of the experiment, and what follows from them."""
    return Facts(list(_lines(_inside(experiment) | facts)))


def _lines(values: dict, above: str = "") -> Iterator[tuple[str, str]]:
    """A line for each value, named by the way to it: "model latent_dim"; small groups on one."""
    for name, value in values.items():
        inner = _inside(value)
        if any(isinstance(v, tuple | dict) for v in inner.values()):
            yield from _lines(inner, f"{above}{name} ")
        else:
            yield f"{above}{name}", ", ".join(f"{k} {v}" for k, v in inner.items()) or _said(value)


def _inside(value: Any) -> dict:
    """What a group is made of; nothing is in a single value."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return value if isinstance(value, dict) else {}


def _said(value: Any) -> str:
    if isinstance(value, tuple | list):
        value = ", ".join(map(str, value))
    return "none" if value in (None, "") else str(value)


def _devices(experiment: Experiment, place: Task) -> tuple[Distribution, int]:
    """What the time is measured on, and how many replicas will train."""
    if place.workers == 1:
        distribution = distribute(place.strategy)
        distribution.check(experiment)
        return distribution, distribution.replicas
    replicas = place.workers * max(1, len(tf.config.list_physical_devices("GPU")))
    check_shares(experiment, place.strategy, replicas)
    return Distribution(), replicas


def _seconds_per_step(
    model: keras.Model, experiment: Experiment, data: PreparedData, distribution: Distribution
) -> float:
    """Median time between the ends of steps, of a throw-away model; the first is traced."""
    ends: list[float] = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
    )
    nowhere = Path()  # nobody asks it to stop, so nothing is written
    stop = distribution.stopper(RunDirectory(nowhere), CheckpointStore(nowhere))
    fit = distribution.fit_of(model, stop)
    dataset = distribution.share(experiment, partial(batches, experiment, data, 0))
    fit(dataset, steps_per_epoch=TIMED_STEPS + 1, callbacks=[note])
    return statistics.median(end - start for start, end in pairwise(ends))
