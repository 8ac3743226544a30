"""A sum is not taken in the order of arrival, however much memory the graph needs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.determinism import compute_as_written
from tfmedgan.training.loop import build


@pytest.fixture
def in_new_thread():
    """Call in a thread whose options are still TensorFlow's own."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda function: thread.submit(function).result()


def sums_on_arrival() -> bool:
    """Whether TensorFlow rewrites a large sum of four."""

    @tf.function
    def total(x):
        with tf.device("CPU"):  # a GPU has more memory, of which this is no large part
            return tf.reduce_mean(tf.add_n([tf.sin(x * k) for k in (1.0, 2.0, 3.0, 4.0)]))

    context.enable_run_metadata()
    total(tf.ones(12_000_000))
    graphs = context.export_run_metadata().function_graphs
    context.disable_run_metadata()
    operations = {node.op for graph in graphs for node in graph.post_optimization_graph.node}
    return "TemporaryVariable" in operations


def test_tensorflow_alone_sums_on_arrival(in_new_thread):
    """Where this fails, TensorFlow has changed and `compute_as_written` may be needed no more."""
    assert in_new_thread(sums_on_arrival)


def test_sums_keep_their_order(in_new_thread):
    in_new_thread(compute_as_written)
    assert not in_new_thread(sums_on_arrival)


def test_training_keeps_the_order_of_sums(in_new_thread):
    in_new_thread(lambda: build(ARCHITECTURES["dcgan"]))
    assert not in_new_thread(sums_on_arrival)
