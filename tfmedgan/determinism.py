"""Sums in the order in which they are written, and products of float32 as float32.

Where TensorFlow's memory optimizer expects a graph to need more than 80 % of a device's memory,
for which it takes 256 MiB on processors, it turns a sum of three or more tensors into additions
to a buffer in the order in which they are ready. The same step then rounds in one way or the
other, also under op determinism.

On newer GPUs TensorFlow rounds the factors of float32 products to 10 bits (TF32). A convolution was
3e-4 away from that of a processor on an NVIDIA H200; scores of one generator then depend on the
machine. Who wants products to be faster takes mixed_bfloat16, which says so.
"""

import tensorflow as tf
from tensorflow.python.eager import context


def compute_as_written() -> None:
    """Do so in all graphs that this thread runs for the first time from now on.

    To be called after `tf.config` has been used, which takes it back. TensorFlow has no public
    option for it: `tf.config.optimizer` switches all its other rewritings.
    """
    tf.config.experimental.enable_tensor_float_32_execution(False)
    options = context.context().function_call_options
    config = tf.compat.v1.ConfigProto.FromString(options.config_proto_serialized)
    rewriting = config.graph_options.rewrite_options
    rewriting.memory_optimization = rewriting.NO_MEM_OPT
    options.config_proto_serialized = config
