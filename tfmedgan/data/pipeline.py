"""Prepared images → `tf.data`: seeded order, random steps, rescaling."""

import numpy as np

from tfmedgan.config import DataConfig
from tfmedgan.data.prepare import prepare
from tfmedgan.data.records import ImageArrays
from tfmedgan.data.steps import Rows, check_chain, run_batch_steps
from tfmedgan.data.storage import read_rows
from tfmedgan.errors import require, require_known
from tfmedgan.seeding import stream_seed


def stream(
    arrays: ImageArrays, steps: tuple, batch_size: int, seed: int, start: int = 0, shares=None
):
    """Endless batches in a new order on each pass.

    The images of a batch follow from the seed and the batch's position alone, so that
    `stream(..., start=k * batch_size)` continues where an uninterrupted stream is after
    k batches, bit for bit, and nothing has to be saved.

    Args:
        steps: the chain; its steps that run per batch are applied here.
        seed: of the order and of random steps.
        start: images already consumed.
        shares: rows of a batch, integers (k, n): each batch as k smaller ones of these rows,
            one after the other, without reading the rest; None: the whole batches.

    Returns:
        `tf.data.Dataset` of (float32 (batch, height, width, channels) in the range of the
        steps' `Rescale`, int32 (batch,)).

    Raises:
        InputError: when there are no images.
    """
    import tensorflow as tf

    require(len(arrays) > 0, "there are no images to draw from")
    check_chain(steps)
    fetch = _fetcher(arrays)
    order = _order(arrays, seed)

    def batch(first, rows=None):
        chosen = order(first + tf.range(batch_size, dtype=tf.int64))
        images, labels = fetch(chosen if rows is None else tf.gather(chosen, rows))
        share = None if rows is None else Rows(rows, batch_size)
        return run_batch_steps(images, steps, seed, first, share), labels

    firsts = tf.data.Dataset.range(start, np.iinfo(np.int64).max - batch_size, batch_size)
    if shares is not None:
        parts = tf.data.Dataset.from_tensor_slices(shares)
        firsts = firsts.flat_map(lambda first: parts.map(lambda rows: (first, rows)))
    return _ahead(firsts.map(batch, num_parallel_calls=2))


def build_dataset(config: DataConfig, batch_size: int = 64, seed: int = 0, part: str = "train"):
    """One pass over a part per iteration, in a new order on each; the last batch may be smaller.

    With `balance` "uniform-labels" a pass draws as many images, each of them anew.

    Returns:
        `tf.data.Dataset` of (images float32 in `config.value_range`, labels int32).

    Raises:
        InputError: as `tfmedgan.data.prepare.prepare`, and for an unknown or empty part.
    """
    import tensorflow as tf

    prepared = prepare(config, seed)
    require_known("unknown part", part, prepared.parts)
    arrays = prepared.parts[part]
    require(len(arrays) > 0, f"{config.source}: the {part} part is empty")
    fetch, indices = _fetcher(arrays), _pass(arrays)
    passes = tf.data.Dataset.random(stream_seed(seed, "passes"), rerandomize_each_iteration=True)
    key = stream_seed(seed, "order")
    if arrays.uniform:
        draws = tf.data.Dataset.random(key, rerandomize_each_iteration=True).take(len(indices))
        order = draws.map(lambda number: tf.gather(indices, number % len(indices)))
    else:
        order = tf.data.Dataset.from_tensor_slices(indices).shuffle(
            len(indices), seed=key, reshuffle_each_iteration=True
        )

    def batch(chosen, number):
        images, labels = fetch(chosen)
        return run_batch_steps(images, config.steps, seed, number), labels

    batches = tf.data.Dataset.zip((order.batch(batch_size), passes))
    return _ahead(batches.map(batch, num_parallel_calls=2))


def _ahead(batches):
    """The batches, two of them made in advance.

    Without TensorFlow's tuning: there is nothing to tune, and its thread sleeps for seconds
    when an iterator is given up.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(2).with_options(options)


def _pass(arrays: ImageArrays) -> np.ndarray:
    """Indices of one pass, int64."""
    if arrays.draws is None:
        return np.arange(len(arrays), dtype=np.int64)
    return arrays.draws.astype(np.int64)


def _order(arrays: ImageArrays, seed: int):
    """Function: positions in the endless stream, int64 → indices of images."""
    import tensorflow as tf

    with tf.device("CPU:0"):
        indices = tf.constant(_pass(arrays))
        count = tf.constant(len(arrays) if arrays.draws is None else len(arrays.draws), tf.int64)
        key = tf.constant(stream_seed(seed, "order"), tf.int64)

    def shuffled(positions):
        passes = positions // count
        seeds = tf.stack([tf.fill(tf.shape(passes), key), passes, tf.zeros_like(passes)], axis=1)
        # The raw operation: tf.random.experimental.index_shuffle takes no batch of seeds.
        return tf.raw_ops.RandomIndexShuffle(
            index=positions % count, seed=seeds, max_index=count - 1
        )

    def drawn(positions):
        first = tf.stack([key, positions[0]])
        shape = tf.shape(positions)
        return tf.random.stateless_uniform(shape, first, 0, count, tf.int64, alg="philox")

    choose = drawn if arrays.uniform else shuffled
    return lambda positions: tf.gather(indices, choose(positions))


def _fetcher(arrays: ImageArrays):
    """Function: indices → (uint8 images, int32 labels), from memory or from the file."""
    import tensorflow as tf

    with tf.device("CPU:0"):
        labels = tf.constant(arrays.labels, tf.int32)
        images = None if isinstance(arrays.images, np.memmap) else tf.constant(arrays.images)
    if images is not None:
        return lambda indices: (tf.gather(images, indices), tf.gather(labels, indices))

    def from_file(indices):
        read = tf.numpy_function(lambda rows: read_rows(arrays.images, rows), [indices], tf.uint8)
        return tf.ensure_shape(read, (None, *arrays.images.shape[1:])), tf.gather(labels, indices)

    return from_file
