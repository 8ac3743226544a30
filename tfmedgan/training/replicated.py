"""Training steps on several replicas, and how all of them stop together.

Keras's `fit` would reduce each logged number by itself, and first add up a batch of images
over all workers. The losses are means over the replicas already, so this loop reduces
nothing more than the question whether anybody asked to stop.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfmedgan.models import replicas
from tfmedgan.run_directory import RunDirectory
from tfmedgan.training.callbacks import StopOnRequest
from tfmedgan.training.checkpoints import CheckpointStore


class StopTogether(StopOnRequest):
    """Ctrl-C or a polite kill of any worker: all finish the same step, and the chief saves."""

    def __init__(self, run: RunDirectory, store: CheckpointStore, strategy: str):
        super().__init__(run, store, f"--strategy {strategy}")
        self.asked = False  # here; `requested` is what all replicas have agreed on

    def _request(self, *_):
        self.asked = True


class FollowTheChief(keras.callbacks.Callback):
    """Workers stop early when the chief does, and wait for what it does after an epoch."""

    def __init__(self, from_chief: Callable[[bool], bool]):
        super().__init__()
        self.from_chief = from_chief

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = self.from_chief(self.model.stop_training)


class ReplicatedFit:
    """`fit` on the replicas of a strategy, for data that the strategy distributes."""

    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy, stop: StopTogether):
        self.model, self.strategy, self.stop = model, strategy, stop
        self.step = tf.function(self._step, autograph=False)

    def __call__(self, batches, *, initial_epoch=0, epochs=1, steps_per_epoch, callbacks=()):
        model, batches = self.model, iter(batches)
        calls = keras.callbacks.CallbackList(
            list(callbacks), model=model, epochs=epochs, steps=steps_per_epoch
        )
        model.stop_training = False
        calls.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            model.reset_metrics()
            calls.on_epoch_begin(epoch)
            for index in range(steps_per_epoch):
                calls.on_train_batch_begin(index)
                logs, asked = self.step(batches, tf.constant(float(self.stop.asked)))
                self.stop.requested = bool(asked > 0)
                calls.on_train_batch_end(index, logs)
            calls.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        calls.on_train_end()

    def _step(self, batches, asked):
        """The step's metrics, and a number above 0 if any worker was asked to stop."""

        def on_replica(batch, asked):
            here = tf.identity(asked)  # a tensor of this device, which a reduction needs
            return self.model.train_step(batch), replicas.mean(here)

        with replicas.sharing(self.model.generator, self.model.discriminator):
            results = self.strategy.run(on_replica, args=(next(batches), asked))
        return tf.nest.map_structure(self._first, results)

    def _first(self, value):
        return self.strategy.experimental_local_results(value)[0]
