"""What a network does when several replicas each hold a part of the global batch.

Outside of `tf.distribute` there is one replica, and nothing here adds an operation to the graph.
Inside, replica r of n holds the r-th of n equal runs of rows. It takes its rows of the very
draws that one device would make, and statistics of a batch are those of the global batch, so
that the losses and the gradients are those of one device.
"""

import math
from contextlib import ExitStack, contextmanager
from functools import partial

import keras
import tensorflow as tf

from tfmedgan.errors import require
from tfmedgan.models.nested import every_layer

PHILOX, FOUR = 1, 4  # TensorFlow's number of the algorithm, and what a counter's value gives


def count() -> int:
    """Number of replicas that this graph is made for; 1 outside of a replica."""
    replica = tf.distribute.get_replica_context()
    return replica.num_replicas_in_sync if replica else 1


def total(n):
    """Rows of the global batch, where a replica has `n`."""
    return n if count() == 1 else n * count()


def rows(draw, n, axis: int = 0):
    """This replica's `n` of the rows that `draw(number of rows)` makes for the global batch."""
    if count() == 1:
        return draw(n)
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * n
    return tf.gather(draw(total(n)), first + tf.range(n), axis=axis)


def all_rows(draw, n):
    """All rows, on every replica alike."""
    return draw(n)


def gathered(value):
    """The rows of all replicas, on every one of them, and gradients of each to its own."""
    if count() == 1:
        return value
    return tf.distribute.get_replica_context().all_gather(value, axis=0)


def mean(value):
    """A tensor's mean over the replicas, on every one of them."""
    if count() == 1:
        return value
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.MEAN, value)


def means(values: dict) -> dict:
    """Scalars' means over the replicas, by one reduction for all."""
    if count() == 1:
        return values
    stacked = tf.stack([tf.cast(value, tf.float32) for value in values.values()])
    return dict(zip(values, tf.unstack(mean(stacked)), strict=True))


def shares(gradients: list) -> list:
    """Gradients of a loss that is the mean of this replica's rows, as parts of a sum.

    Keras's optimizers sum gradients over the replicas; the sum of these is the gradient of
    the mean over the global batch.
    """
    if count() == 1:
        return gradients
    return [tf.math.scalar_mul(1 / count(), gradient) for gradient in gradients]


class Mean(keras.metrics.Mean):
    """A running mean whose copies on the replicas are equal, as they are told equal values.

    Keras's would be summed over the replicas whenever it is read, by all of them at once;
    one that saves a checkpoint reads alone.
    """

    def add_variable(self, shape, initializer, dtype=None, aggregation="none", name=None):
        initializer = keras.initializers.get(initializer)
        return keras.Variable(initializer, shape, dtype, trainable=False, name=name)


@contextmanager
def sharing(*networks: keras.Model):
    """While a step of several replicas is traced: layers that see or draw for a whole batch.

    They are changed in place and put back, so that saved networks are ordinary Keras ones.

    Raises:
        InputError: for a layer that draws at random in a way that is not known here.
    """
    with ExitStack() as changes:
        for layer in (layer for network in networks for layer in every_layer(network)):
            for owner, name, value in _changes(layer):
                changes.enter_context(_replaced(owner, name, value))
        yield


def _changes(layer) -> list[tuple]:
    """Owner, name and value of everything that is to be replaced in a layer."""
    if isinstance(layer, keras.layers.BatchNormalization):
        return [(layer, "synchronized", True), (layer, "_moments", partial(_moments, layer))]
    if type(layer) is keras.layers.Dropout and layer.noise_shape is None:
        return [(layer, "call", partial(_dropout, layer))]
    recurrent = isinstance(layer, keras.layers.RNN)
    if recurrent and getattr(layer, "dropout", False) and not layer.recurrent_dropout:
        return [(layer.cell, "_create_dropout_mask", partial(_mask, layer.cell))]
    random = hasattr(layer, "seed_generator") or getattr(layer, "recurrent_dropout", False)
    require(
        not random,
        f"layer {layer.name}: a {type(layer).__name__} draws at random for the images that it "
        "sees, so several devices would not do what one does; train with --strategy none",
    )
    return []


@contextmanager
def _replaced(owner, name: str, value):
    former = getattr(owner, name)  # must be there: silence would train something else
    of_class = name not in vars(owner)
    setattr(owner, name, value)
    try:
        yield
    finally:
        delattr(owner, name) if of_class else setattr(owner, name, former)


def _moments(layer, inputs, mask):
    """Mean and variance of the global batch, by one reduction.

    Keras would take three for `synchronized=True`, which is set so that a layer looks no other
    way for them; a thousand replicas wait longer for each than for its few bytes.
    """
    axes = [axis for axis in range(inputs.shape.rank) if axis != layer.axis % inputs.shape.rank]
    sums = tf.stack([tf.reduce_mean(inputs, axes), tf.reduce_mean(tf.square(inputs), axes)])
    average, square = tf.unstack(mean(sums))
    return average, tf.maximum(square - tf.square(average), 0.0)


def _dropout(layer, inputs, training=False):
    return inputs * _mask(layer, inputs, layer.rate) if training and layer.rate else inputs


def _mask(owner, inputs, rate: float):
    """This replica's rows of the mask that `owner` would draw for the global batch."""
    seed = tf.cast(owner.seed_generator.next(), tf.int32)
    chances = uniform_rows(seed, tf.shape(inputs)[0], inputs.shape[1:], inputs.dtype)
    return tf.cast(chances >= tf.cast(rate, inputs.dtype), inputs.dtype) * (1 / (1 - rate))


def uniform_rows(seed, n, shape, dtype=tf.float32):
    """This replica's `n` rows of U[0, 1) numbers of a shape, without drawing those of the others.

    Philox makes four numbers from each value of its counter, so that the counter of a row can
    be reckoned if the rows of a replica are a multiple of four numbers; else all are drawn.
    """
    size = math.prod(shape)
    if count() == 1 or size % FOUR:
        return rows(
            lambda m: tf.random.stateless_uniform((m, *shape), seed, dtype=dtype, alg="philox"), n
        )
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group
    skipped = tf.cast(replica * n, tf.int64) * (size // FOUR)
    counter = tf.bitcast(counter, tf.int64) + tf.stack([skipped, 0])
    return tf.raw_ops.StatelessRandomUniformV2(
        shape=(n, *shape), key=key, counter=tf.bitcast(counter, tf.uint64), dtype=dtype, alg=PHILOX
    )
