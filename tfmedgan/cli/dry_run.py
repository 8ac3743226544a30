"""What tfmedgan-train --dry-run shows: the experiment, its data, its size and its time."""

import json
import statistics
import time
from dataclasses import replace
from functools import partial
from itertools import pairwise

import keras
import tensorflow as tf
import yaml

from tfmedgan.config import Experiment
from tfmedgan.run_directory import data_record
from tfmedgan.serialization import encode
from tfmedgan.training.cluster import Task
from tfmedgan.training.distribution import Distribution, distribute
from tfmedgan.training.loop import batches, build, steps_per_epoch
from tfmedgan.training.shares import check_shares

TIMED_STEPS = 5


def show(experiment: Experiment, data, place: Task, as_json: bool) -> None:
    """Print everything that is known before training; train nothing.

    Several workers are not waited for: the time is that of a replica's part of the batch.
    """
    distribution, replicas = _devices(experiment, place)
    part = experiment.batch_size // replicas
    timed = replace(experiment, batch_size=max(2, part)) if place.workers > 1 else experiment
    with distribution.scope():
        model = build(timed)
    per_epoch = steps_per_epoch(experiment, data)
    steps = per_epoch * experiment.epochs
    seconds = _seconds_per_step(model, timed, data, distribution) * steps
    note = " without communication" if place.workers > 1 else ""
    facts = {
        "experiment": encode(experiment),
        "images": data_record(data)["counts"],
        "parameters": {
            "generator": model.generator.count_params(),
            "discriminator": model.discriminator.count_params(),
        },
        "steps": {"per epoch": per_epoch, "in all": steps},
        "devices": {**place.record, "replicas": replicas, "batch of a replica": part},
        f"estimated minutes{note}": round(seconds / 60, 1),
    }
    if as_json:
        print(json.dumps(facts))
    else:
        text = yaml.safe_dump(facts, sort_keys=False, default_flow_style=None, width=100)
        print(text, end="")


def _devices(experiment: Experiment, place: Task) -> tuple[Distribution, int]:
    """What the time is measured on, and how many replicas will train."""
    if place.workers == 1:
        distribution = distribute(place.strategy)
        distribution.check(experiment)
        return distribution, distribution.replicas
    replicas = place.workers * max(1, len(tf.config.list_physical_devices("GPU")))
    check_shares(experiment, place.strategy, replicas)
    return Distribution(), replicas


def _seconds_per_step(model, experiment: Experiment, data, distribution: Distribution) -> float:
    """Median time between the ends of steps, of a throw-away model; the first is traced."""
    ends = []
    note = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
    )
    fit = distribution.fit_of(model, distribution.stopper(None, None))
    dataset = distribution.share(experiment, partial(batches, experiment, data, 0))
    fit(dataset, steps_per_epoch=TIMED_STEPS + 1, callbacks=[note])
    return statistics.median(end - start for start, end in pairwise(ends))
