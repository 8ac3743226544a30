"""Checks of a request that travel with the exported graph, which has no Python to ask.

Each returns its tensor behind an assertion, so that nothing is computed from a bad value.
The caller sees an InvalidArgumentError that names what was wrong and what would be right.
"""

import tensorflow as tf

LARGEST = 1024  # images in one request
MOST_NAMED = 20  # classes that a message lists by name


def checked_num(num: tf.Tensor) -> tf.Tensor:
    """`num`, int32 scalar, in [1, 1024]."""
    message = ["num is ", _text(num), f"; must be 1 to {LARGEST}"]
    return _guarded(num, (num >= 1) & (num <= LARGEST), message)


def checked_seed(seed: tf.Tensor) -> tf.Tensor:
    """`seed`, int64 scalar, not negative."""
    return _guarded(seed, seed >= 0, ["seed is ", _text(seed), "; must be 0 to 2^63 - 1"])


def checked_labels(labels: tf.Tensor, count: tf.Tensor, class_names: tuple[str, ...]) -> tf.Tensor:
    """`labels`, int32 (count,), each the number of a class."""
    given = tf.size(labels)
    message = [_text(given), " labels for ", _text(count), " images; give one label for each image"]
    labels = _guarded(labels, given == count, message)
    wrong = (labels < 0) | (labels >= len(class_names))
    first = tf.strings.reduce_join(_text(tf.boolean_mask(labels, wrong)[:1]))
    message = ["labels holds ", first, f"; valid: {_valid(class_names)}"]
    return _guarded(labels, ~tf.reduce_any(wrong), message)


def _guarded(value, condition, message):
    check = tf.debugging.Assert(condition, [tf.strings.join(message)])
    with tf.control_dependencies([check]):
        return tf.identity(value)


def _text(number):
    return tf.strings.as_string(number)


def _valid(class_names: tuple[str, ...]) -> str:
    if len(class_names) > MOST_NAMED:
        return f"0 to {len(class_names) - 1}"
    return ", ".join(f"{index} ({name})" for index, name in enumerate(class_names))
