"""What one training step consists of, counted in its graph and not timed.

A count does not depend on the machine or on what else it does, so a test can hold it.
"""

import math
from collections import Counter
from collections.abc import Callable

import tensorflow as tf

from tfmedgan.models.base import AdversarialModel

BOOKKEEPING = {
    "Const", "Identity", "IdentityN", "NoOp", "Placeholder", "ReadVariableOp",
    "PartitionedCall", "StatefulPartitionedCall", "Reshape", "Shape", "StridedSlice", "Pack",
}  # fmt: skip
CALLS = ("PartitionedCall", "StatefulPartitionedCall")
LOOPS = ("While", "StatelessWhile")
CHOICES = ("If", "StatelessIf")  # counted by one branch: that which does more, if not said


def step_graph(model: AdversarialModel, batch_size: int) -> tf.Graph:
    """The graph of `train_step` for a batch of the pipeline.

    Args:
        model: compiled.
        batch_size: as in an experiment.
    """
    count = model.config.images_per_step(batch_size)
    images = tf.TensorSpec((count, *model.config.image_shape), tf.float32)
    labels = tf.TensorSpec((count,), tf.int32)
    step = tf.function(model.train_step, autograph=False)
    return step.get_concrete_function((images, labels)).graph


def operations(graph: tf.Graph) -> Counter[str]:
    """How often a step runs each type of operation; those that move no numbers are left out.

    Only what the results or a variable depend on: TensorFlow drops the rest before it runs.
    """
    return _count(graph, lambda op: Counter({op.type: op.type not in BOOKKEEPING}))


def multiplications(graph: tf.Graph, choose: Callable = max) -> int:
    """Floating-point operations of convolutions and matrix products, a multiply-add as two.

    Args:
        choose: `max`: of a step at which penalties are due; `min`: of the others.
    """
    return _count(graph, lambda op: Counter(flops=2 * _multiply_adds(op)), choose)["flops"]


def _count(graph, of, choose: Callable = max) -> Counter[str]:
    total: Counter[str] = Counter()
    for op in _reached(graph):
        total += of(op)
        if op.type in CALLS:
            total += _count(_function(graph, op, "f"), of, choose)
        elif op.type in LOOPS:
            body = _count(_function(graph, op, "body"), of, choose)
            total += Counter({name: _rounds(op) * number for name, number in body.items()})
        elif op.type in CHOICES:
            branches = ("then_branch", "else_branch")
            counts = [_count(_function(graph, op, branch), of, choose) for branch in branches]
            total += choose(counts, key=Counter.total)
    return total


def _reached(graph) -> set:
    """Operations that an output or a change of a variable depends on."""
    waiting = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    reached = set()
    while waiting:
        op = waiting.pop()
        if op not in reached:
            reached.add(op)
            waiting += [tensor.op for tensor in op.inputs] + list(op.control_inputs)
    return reached


def _function(graph, op, attribute: str):
    return graph._get_function(op.get_attr(attribute).name).graph


def _rounds(loop) -> int:
    """Rounds of a loop whose number is known when the graph is made, as that of an RNN is."""
    limit = loop.inputs[1]
    return int(tf.get_static_value(limit.op.inputs[0] if limit.op.type == "Max" else limit))


def _multiply_adds(op) -> int:
    if op.type == "Conv2D":
        return _size(op.outputs[0]) * _size(op.inputs[1]) // op.inputs[1].shape[3]
    if op.type == "Conv2DBackpropInput":
        return _size(op.inputs[2]) * _size(op.inputs[1]) // op.inputs[1].shape[3]
    if op.type == "Conv2DBackpropFilter":
        return _size(op.inputs[2]) * _size(op.outputs[0]) // op.outputs[0].shape[3]
    if op.type == "MatMul":
        return _size(op.outputs[0]) * op.inputs[0].shape[0 if op.get_attr("transpose_a") else 1]
    return 0


def _size(tensor) -> int:
    return math.prod(tensor.shape.as_list())
