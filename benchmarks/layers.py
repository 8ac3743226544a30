"""The toolkit's routes through layers beside Keras's own: python benchmarks/layers.py [--write].

Value and gradients of one layer, and one update of Adam, the two routes in turns; the table has
medians in milliseconds and the median of the ratios.
"""

import os
import statistics

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from keras import layers
from pages import parser, show, table
from turns import in_turns, ratio, timed

from tfmedgan.config import AdamConfig
from tfmedgan.models import fast_layers, optimizers, stride_two
from tfmedgan.models.blocks import standardised

BATCH = 128


def main() -> None:
    options = parser(__doc__, "tensorflow", "keras")
    options.add_argument("--rounds", type=int, default=9)
    arguments = options.parse_args()
    rows = [race(*entry, arguments.rounds) for entry in entries()]
    heads = ("what", "shape, precision", "Keras ms", "toolkit ms", "ratio")
    show(arguments, "ratios", table(heads, rows), note=f"{arguments.rounds} rounds.")


def entries():
    """Name, shape and precision, Keras's route and the toolkit's, functions of nothing."""
    for precision in ("float32", "mixed_bfloat16"):
        for side, filters in ((32, 64), (8, 256)):
            shape = (side, side, filters)
            pair = layers.BatchNormalization, fast_layers.BatchNorm
            yield _entry("batch normalisation", shape, precision, *(cls() for cls in pair))
        pair = layers.Conv2D, fast_layers.FewFiltersConv2D
        made = (cls(3, 8, padding="same") for cls in pair)
        yield _entry("convolution 8×8, 3 filters", (32, 32, 128), precision, *made)
    for side, inputs in ((32, 64), (16, 128), (8, 256)):
        yield _kernel_gradient(side, inputs)
    yield _penalty((32, 32, 64))
    yield _adam()


def _entry(name, shape, precision, *pair):
    dtype = "bfloat16" if precision == "mixed_bfloat16" else precision
    x = tf.cast(tf.random.normal((BATCH, *shape)), dtype)
    runs = []
    for layer in pair:
        layer.dtype_policy = keras.dtype_policies.DTypePolicy(precision)
        runs.append(_with_gradients(layer, x))
    return name, f"{BATCH}×{'×'.join(map(str, shape))}, {precision}", *runs


def _with_gradients(layer, x):
    layer.build(x.shape)
    weights = [variable.value for variable in layer.trainable_variables]

    @tf.function(autograph=False)
    def run():
        with tf.GradientTape() as tape:
            tape.watch(x)
            images = layer(x, training=True) if layer.name.startswith("batch") else layer(x)
        return tape.gradient(images, [x, *weights])

    return run


def _kernel_gradient(side: int, inputs: int):
    """The gradient of a 4×4 kernel alone, by oneDNN and by four matrix products."""
    x = tf.cast(tf.random.normal((BATCH, side, side, inputs)), tf.bfloat16)
    y = tf.cast(tf.random.normal((BATCH, side // 2, side // 2, 2 * inputs)), tf.bfloat16)
    shape, strides = (4, 4, inputs, 2 * inputs), [1, 2, 2, 1]

    def keras_route():
        return tf.raw_ops.Conv2DBackpropFilter(
            input=x, filter_sizes=shape, out_backprop=y, strides=strides, padding="SAME"
        )

    ours = tf.function(lambda: stride_two.kernel_gradient(x, y), autograph=False)
    used = "" if side // 2 <= stride_two.LARGEST else " (not taken)"
    name = f"gradient of a 4×4 kernel, stride 2{used}"
    return name, f"{BATCH}×{side}×{side}×{inputs}, bfloat16", tf.function(keras_route), ours


def _penalty(shape):
    """Instance normalisation, differentiated twice as the gradient penalty does."""
    x = tf.random.normal((BATCH // 2, *shape))

    def plain(x):
        def mean(values):
            return tf.reduce_mean(values, (1, 2), keepdims=True)

        centred = x - mean(x)
        return centred * tf.math.rsqrt(mean(tf.square(centred)) + 1e-5)

    def twice(normalise):
        @tf.function(autograph=False)
        def run():
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    images = tf.nn.leaky_relu(normalise(x), 0.2)
                slope = tf.reduce_sum(tf.square(inner.gradient(images, x)))
            return [outer.gradient(slope, x)]

        return run

    ours = twice(lambda x: standardised(x, 1e-5)[0])
    text = f"{BATCH // 2}×{'×'.join(map(str, shape))}, float32"
    return "instance normalisation, second derivative", text, twice(plain), ours


def _adam():
    """One update of the discriminator of dcgan64."""
    shapes = [(4, 4, 3, 64), (4, 4, 64, 128), (4, 4, 128, 256), (4, 4, 256, 512)]

    def route(optimizer):
        variables = [keras.Variable(tf.random.normal(shape)) for shape in shapes]
        gradients = [tf.random.normal(shape) for shape in shapes]
        optimizer.build(variables)

        @tf.function(autograph=False)
        def run():
            optimizer.apply(gradients, variables)
            return [optimizer.iterations]

        return run

    pair = keras.optimizers.Adam(2e-4, 0.5), optimizers.build(AdamConfig(2e-4, 0.5))
    return "Adam, one update", "2.8 million weights, float32", *map(route, pair)


def race(name: str, shape: str, keras_route, ours, rounds: int) -> tuple:
    routes = {"Keras": keras_route, "toolkit": ours}
    turns = {route: timed(lambda run=run: _wait_for(run())) for route, run in routes.items()}
    seconds = in_turns(turns, rounds)
    times = (f"{1e3 * statistics.median(taken):.1f}" for taken in seconds.values())
    return name, shape, *times, f"{ratio(*seconds.values())[0]:.2f}"


def _wait_for(results) -> None:
    for tensor in tf.nest.flatten(results):
        tf.reshape(tensor, [-1])[0].numpy()


if __name__ == "__main__":
    main()
