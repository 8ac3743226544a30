"""How a run is executed: on one device, on all devices of a machine, or on several machines.

The experiment decides the result and the distribution does not: a run may go on with
another one. So it is no part of config.json and stands in environment.json.
"""

import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.config import Experiment
from tfmedgan.errors import JobError, require
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training.callbacks import StopOnRequest
from tfmedgan.training.checkpoints import CheckpointStore
from tfmedgan.training.cluster import Task, task
from tfmedgan.training.replicated import FollowTheChief, ReplicatedFit, StopTogether
from tfmedgan.training.shares import check_shares, rows_of_worker

GONE = (
    tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.DeadlineExceededError,
    tf.errors.FailedPreconditionError, tf.errors.InternalError, tf.errors.UnavailableError,
)  # fmt: skip
ALONE = Task()


class Distribution:
    """One device, which does as if there were no distribution."""

    replicas = 1

    def __init__(self, place: Task = ALONE):
        self.task = place

    @property
    def name(self) -> str:
        return self.task.strategy

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run directory."""
        return self.task.is_chief

    @property
    def record(self) -> dict:
        """What environment.json says."""
        return {**self.task.record, "replicas": self.replicas}

    def check(self, experiment: Experiment) -> None:
        """Raise `InputError` unless the experiment can be trained this way."""

    def scope(self) -> AbstractContextManager:
        """Context in which a model is built."""
        return nullcontext()

    def share(self, experiment: Experiment, make: Callable[[Any], tf.data.Dataset]) -> Iterable:
        """`make(rows)`'s data set of training batches, for all replicas of this process."""
        return make(None)

    def writing(self, run: RunDirectory) -> AbstractContextManager:
        """Context in which a run is trained: no other process writes its directory meanwhile."""
        return run.alone() if self.is_chief else nullcontext()

    def stopper(self, run: RunDirectory, store: CheckpointStore) -> StopOnRequest:
        return StopOnRequest(run, store)

    def fit_of(self, model: keras.Model, stop: StopOnRequest) -> Callable:
        """A function with the arguments of `keras.Model.fit`."""
        return partial(model.fit, verbose=0, shuffle=False)

    def watchers(self) -> list[keras.callbacks.Callback]:
        """Callbacks that come after the chief's own."""
        return []

    def require_agreement(self, **facts: object) -> None:
        """Raise `InputError` unless all workers have the same of each fact."""

    def from_chief(self, value: bool) -> bool:
        """What the chief says; all workers wait for it."""
        return value

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn the loss of another worker into a `JobError`."""
        yield


class Replicated(Distribution):
    """One replica of the model a device, each with an equal part of every batch."""

    def __init__(self, place: Task, strategy: tf.distribute.Strategy):
        super().__init__(place)
        self.strategy = strategy
        self.replicas = strategy.num_replicas_in_sync

    def check(self, experiment: Experiment) -> None:
        check_shares(experiment, self.name, self.replicas)

    def scope(self) -> AbstractContextManager:
        return self.strategy.scope()

    def share(self, experiment: Experiment, make: Callable[[Any], tf.data.Dataset]) -> Iterable:
        rows = rows_of_worker(experiment, self.task, self.replicas)

        def local(context):
            # Endless, so that the workers need not ask each other whether there is more.
            endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
            return make(rows).apply(endless)

        return self.strategy.distribute_datasets_from_function(local)

    def stopper(self, run: RunDirectory, store: CheckpointStore) -> StopOnRequest:
        return StopTogether(run, store, self.name)

    def fit_of(self, model: keras.Model, stop: StopOnRequest) -> Callable:
        return ReplicatedFit(model, self.strategy, stop)

    def watchers(self) -> list[keras.callbacks.Callback]:
        return [FollowTheChief(self.from_chief)] if self.task.workers > 1 else []

    def require_agreement(self, **facts: object) -> None:
        if self.task.workers == 1:
            return
        own = [zlib.crc32(str(value).encode()) for value in facts.values()]
        digests = self._gathered(tf.constant([own], tf.int64))
        for name, column in zip(facts, digests.T, strict=True):
            others = np.flatnonzero(column != column[0]) // (self.replicas // self.task.workers)
            require(
                not len(others),
                f"worker {', '.join(map(str, np.unique(others)))} and the chief differ in their "
                f"{name}; start all workers with the same command, images and versions",
            )

    def from_chief(self, value: bool) -> bool:
        if self.task.workers == 1:
            return value
        return bool(self._gathered(tf.constant([[int(value)]], tf.int64))[0, 0])

    def _gathered(self, row: tf.Tensor) -> np.ndarray:
        """Every replica's row (1, n), in the order of replicas."""

        def on_replica(row):
            here = tf.identity(row)  # a tensor of this device, as in ReplicatedFit
            return tf.distribute.get_replica_context().all_gather(here, axis=0)

        gather = tf.function(partial(self.strategy.run, on_replica), autograph=False)
        return self.strategy.experimental_local_results(gather(args=(row,)))[0].numpy()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        try:
            yield
        except GONE as error:
            if self.task.workers == 1:
                raise
            raise JobError(_loss(self.task, error)) from error


def distribute(strategy: str = "none") -> Distribution:
    """The distribution that a value of --strategy stands for.

    For "multiworker" it waits until all workers are there, and TensorFlow must not have
    computed anything before.

    Raises:
        InputError: if the strategy is unknown or the devices or TF_CONFIG do not suit it.
        JobError: if the workers cannot be connected.
    """
    place = task(strategy, os.environ)
    if strategy == "none":
        return Distribution()
    return Replicated(place, _connected(place) if strategy == "multiworker" else _mirrored())


def _connected(place: Task) -> tf.distribute.Strategy:
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except tf.errors.OpError as error:
        reason = " ".join(error.message.split())
        raise JobError(
            f"{place}: cannot join the others at {place.address}: {reason[:200]}; is the port "
            "taken, or did another worker end?"
        ) from error


def _mirrored() -> tf.distribute.Strategy:
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    require(
        len(devices) > 1,
        f"--strategy mirrored: this machine has one device, {devices[0].name.split('device:')[1]}; "
        "it takes two GPUs or more; leave --strategy out",
    )
    os.environ.pop("TF_CONFIG", None)  # which TensorFlow would read here, too
    return tf.distribute.MirroredStrategy([device.name for device in devices])


def _loss(place: Task, error: tf.errors.OpError) -> str:
    """One line for what TensorFlow says when a worker is gone."""
    text = str(error)
    peers = re.findall(r"/job:(\w+)/(?:replica:\d+/)?task:(\d+)", text)
    who = f"the connection to {' '.join(peers[-1])}" if peers else "the connection to the others"
    return (
        f"{place}: {who} broke ({type(error).__name__}); the last checkpoint stays: start all "
        "workers again with --resume"
    )
