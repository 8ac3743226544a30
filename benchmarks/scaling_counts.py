"""What a distributed training step reduces and multiplies: one of two workers of scaling.py.

The step of each architecture is built on `MultiWorkerMirroredStrategy` and looked at, not run.
"""

import json
import sys
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.training.distribution import distribute
from tfmedgan.training.loop import build
from tfmedgan.training.step_graph import multiplications


def count_all(out: Path) -> None:
    distribution = distribute("multiworker")
    counts = {}
    for name, experiment in ARCHITECTURES.items():
        counts[name] = count(experiment, distribution)
        keras.backend.clear_session()
    if distribution.is_chief:
        out.write_text(json.dumps(counts))


def count(experiment, distribution) -> dict:
    """Reductions and multiplications of the step of one replica, at the usual batch a replica."""
    batch = experiment.batch_size
    whole = replace(experiment, batch_size=batch * distribution.replicas)
    with distribution.scope():
        model = build(whole)
    fit = distribution.fit_of(model, distribution.stopper(None, None))
    batches = iter(distribution.share(whole, partial(zeros, whole)))
    with recorded_reductions() as reductions:
        graph = fit.step.get_concrete_function(batches, tf.constant(0.0)).graph
    networks = {"generator": model.generator, "discriminator": model.discriminator}
    return {
        "batch": batch,
        "images": experiment.model.images_per_step(batch),
        "parameters": {
            name: sum(int(np.prod(v.shape)) for v in network.trainable_variables)
            for name, network in networks.items()
        },
        "reductions": reductions,
        "collectives": sum(op.type.startswith("Collective") for op in graph.get_operations()),
        "flops": multiplications(graph),
    }


def zeros(experiment, rows):
    """Batches of zeros in place of images: only the graph is looked at."""
    shape = (rows.shape[1], *experiment.model.image_shape)
    labels = tf.zeros(rows.shape[1], tf.int32)
    return tf.data.Dataset.from_tensors((tf.zeros(shape), labels)).repeat()


@contextmanager
def recorded_reductions():
    """Bytes of each call of `all_reduce` while a graph is made, with what it is for."""
    owner = tf.distribute.ReplicaContext
    former, reductions = owner.all_reduce, []

    def all_reduce(context, how, value, options=None):
        reductions.append((purpose(value), size(value)))
        return former(context, how, value, options)

    owner.all_reduce = all_reduce
    try:
        yield reductions
    finally:
        owner.all_reduce = former


def purpose(value) -> str:
    """Optimizers reduce a list, the logs are a vector, BatchNorm's sums are two vectors."""
    tensors = tf.nest.flatten(value)
    if isinstance(value, list):
        return "gradients"
    return "moments" if len(tensors[0].shape) > 1 else "logs"


def size(value) -> int:
    tensors = tf.nest.flatten(value, expand_composites=True)
    return sum(int(np.prod(t.shape)) * t.dtype.size for t in tensors)


if __name__ == "__main__":
    count_all(Path(sys.argv[1]))
