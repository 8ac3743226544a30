"""Sums in the order in which they are written, so that a float result does not depend on chance.

Where TensorFlow's memory optimizer expects a graph to need more than 80 % of a device's memory,
for which it takes 256 MiB on processors, it turns a sum of three or more tensors into additions
to a buffer in the order in which they are ready. The same step then rounds in one way or the
other, also under op determinism.
"""

import tensorflow as tf
from tensorflow.python.eager import context


def keep_order_of_sums() -> None:
    """Leave out that rewriting for all graphs that this thread runs for the first time from now on.

    To be called after `tf.config` has been used, which takes it back. TensorFlow has no public
    option for it: `tf.config.optimizer` switches all its other rewritings.
    """
    options = context.context().function_call_options
    config = tf.compat.v1.ConfigProto.FromString(options.config_proto_serialized)
    rewriting = config.graph_options.rewrite_options
    rewriting.memory_optimization = rewriting.NO_MEM_OPT
    options.config_proto_serialized = config
