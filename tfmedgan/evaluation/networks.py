"""The networks behind the extractors. Importing this module loads TensorFlow."""

import hashlib
import sys
from contextlib import redirect_stdout
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfmedgan.determinism import compute_as_written
from tfmedgan.errors import InputError, require
from tfmedgan.evaluation.extractor import Extractor
from tfmedgan.files import file_sha256
from tfmedgan.seeding import rng, stream_seed

RANDOM_SIZE = 128  # pixels: nothing is lost of images up to 128; 75 is the least that fits
RANDOM_GAIN = 20.0  # brings mean squares to about 0.5; far below, the kernel of KID is linear
DEPTHS = ("mixed0", "mixed2", "mixed5", "mixed7", "mixed10")
MULTISCALE = 128  # features: fewer than there are images, as a rule, or FID measures their lack
IMAGENET_SIZE = 299
PUBLISHED = {  # files whose features have a name of their own, by SHA-256
    "a36849fc0bb26c5f45391af961a421b607f758f509e9990f291e02e85d6ef439": "768_inception2015",
}


def multiscale() -> Extractor:
    """Five depths of the network of `random_inception`, 128 features: shapes as well as textures.

    The maps of each depth are divided by their root mean square over the image, as LPIPS puts
    each depth in units of its own (Zhang et al. 2018, eq. 1), averaged over their pixels, and
    all 4,128 averages are projected at random. Without the division the strength of edges
    decides: the last depth alone called generators on chest X-rays worse as they got better
    (benchmarks/features.md). Contrast does not show here; `deviation` and `clipped` measure it.
    """
    model = _seeded_inception(0)
    depths = keras.Model(model.inputs, [model.get_layer(name).output for name in DEPTHS])
    averages = sum(maps.shape[-1] for maps in depths.outputs)
    drawn = rng(0, "multiscale features").standard_normal((averages, MULTISCALE))
    projection = tf.constant(drawn / np.sqrt(averages), tf.float32)

    def features(images):
        units = [_in_own_units(maps) for maps in depths(images / 127.5 - 1, training=False)]
        return tf.concat(units, axis=1) @ projection

    around = f"{DEPTHS} in units of their own, to {MULTISCALE}"
    run, size = _compiled(features, depths), (RANDOM_SIZE, RANDOM_SIZE)
    sha256 = weights_sha256(depths, around)
    return Extractor("multiscale", sha256, size, 3, lambda images: (run(images), None))


def _in_own_units(maps):
    """Averages over the pixels of maps (n, H, W, C) with a mean square of 1: (n, C)."""
    power = tf.reduce_mean(tf.square(maps), axis=(1, 2, 3), keepdims=True)
    return tf.reduce_mean(maps * tf.math.rsqrt(power + 1e-6), axis=(1, 2))


def random_inception(seed: int = 0) -> Extractor:
    """The last maps of InceptionV3 with weights drawn from a seed, 2048 features.

    As the default of former versions, kept so that what was measured on them can be gone on with.
    """
    model = _seeded_inception(seed)
    name = "random" if seed == 0 else f"random{seed}"
    run = _compiled(lambda images: RANDOM_GAIN * model(images / 127.5 - 1, training=False), model)
    size = (RANDOM_SIZE, RANDOM_SIZE)
    sha256 = weights_sha256(model, f"gain {RANDOM_GAIN}")
    return Extractor(name, sha256, size, 3, lambda images: (run(images), None))


def _seeded_inception(seed: int) -> keras.Model:
    """InceptionV3 with weights drawn from a seed (Naeem et al. 2020).

    In Keras's own untrained network the signal dies out over some forty layers, and
    nearly all variance lies along one direction. So kernels are normal, the mean of each
    filter is subtracted (a filter then ignores constant brightness), and the variance,
    2 / (1 - 1/pi) / fan-in, keeps that of centred ReLU outputs. On 300 chest X-rays the
    participation ratio of the spectrum rises from 1.9 to 12, and no more than 1 feature in
    100 is constant. Drawn by NumPy: the same weights, and the same hash, on every machine.
    """
    model = keras.applications.InceptionV3(
        weights=None, include_top=False, pooling="avg", input_shape=(RANDOM_SIZE, RANDOM_SIZE, 3)
    )
    generator = rng(seed, "random features")
    gain = np.sqrt(2 / (1 - 1 / np.pi))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel = generator.standard_normal(tuple(layer.kernel.shape))
            kernel -= kernel.mean(axis=(0, 1, 2), keepdims=True)
            kernel *= gain / np.sqrt(np.prod(kernel.shape[:3]))
            layer.set_weights([kernel.astype(np.float32)])
    return model


def imagenet_inception() -> Extractor:
    """Keras's InceptionV3 with ImageNet weights: 2048 features and 1000 probabilities.

    Not the network of 2015-12-05 of published FIDs, and never named so.

    Raises:
        InputError: when the weights are not on this machine and cannot be downloaded.
    """
    try:
        with redirect_stdout(sys.stderr):  # Keras reports its download on stdout
            model = keras.applications.InceptionV3(weights="imagenet")
    except Exception as error:  # Keras raises a bare Exception when it cannot download
        raise InputError(
            "--features inception: the ImageNet weights cannot be downloaded; go online once, put "
            "the file of keras.applications.InceptionV3 into ~/.keras/models, or use --features "
            "multiscale"
        ) from error
    both = keras.Model(model.inputs, [model.get_layer("avg_pool").output, model.outputs[0]])
    run = _compiled(lambda images: both(images / 127.5 - 1, training=False), both)
    size = (IMAGENET_SIZE, IMAGENET_SIZE)
    return Extractor("2048_keras_inceptionv3", weights_sha256(model), size, 3, run)


def from_path(path: Path) -> Extractor:
    """The network in a Keras model file, or in a SavedModel folder (`serving_default`).

    It must take float images in [0, 255] (put `keras.layers.Rescaling` first where it wants
    another range); feature maps are averaged over their pixels.

    Raises:
        InputError: when it cannot be loaded or does not take images.
    """
    try:
        function, shape, model = _saved_model(path) if path.is_dir() else _keras_file(path)
    except Exception as error:  # Keras and TensorFlow raise many types for bad files
        raise InputError(
            f"{path}: not a Keras model file or SavedModel that Keras {keras.__version__} can load"
        ) from error
    require(
        len(shape) == 4 and shape[3] in (1, 3),
        f"{path}: takes {tuple(shape)}; it must take images (n, height, width, 1 or 3)",
    )
    sha256 = file_sha256(path)
    size = (shape[1] or IMAGENET_SIZE, shape[2] or IMAGENET_SIZE)
    run = _compiled(lambda images: _vectors(function(images)), model, (*size, shape[3]))
    name = PUBLISHED.get(sha256, path.stem)
    return Extractor(name, sha256, size, shape[3], lambda images: (run(images), None))


def trained_classifier(images: np.ndarray, labels: np.ndarray, seed: int = 0) -> Extractor:
    """A small convolutional network trained on real images: 128 features and probabilities.

    Args:
        images: uint8 (N, H, W, C), at least 16 pixels a side.
        labels: int (N,), of at least two classes.

    Raises:
        InputError: for fewer than two classes.
    """
    classes = len(np.unique(labels))
    require(
        classes >= 2,
        f"--features classifier: the real images have {classes} class; at least 2 are needed",
    )
    model = _small_classifier(images.shape[1:], int(labels.max()) + 1, seed)
    model.compile("adam", "sparse_categorical_crossentropy")
    compute_as_written()
    rows = rng(seed, "classifier/order").permutation(len(images))
    model.fit(
        images[rows].astype(np.float32), labels[rows], batch_size=32, epochs=10, verbose=0,
        shuffle=False,
    )  # fmt: skip
    both = keras.Model(model.inputs, [model.get_layer("features").output, model.outputs[0]])
    run = _compiled(lambda x: both(x, training=False), both)
    return Extractor("classifier", weights_sha256(model), images.shape[1:3], images.shape[3], run)


def weights_sha256(model, around: str = "") -> str:
    """SHA-256 of the weights' shapes and values in order, and of what is done around the model."""
    total = hashlib.sha256(around.encode())
    for value in model.get_weights():
        total.update(str(value.shape).encode() + np.ascontiguousarray(value).data)
    return total.hexdigest()


def _small_classifier(shape: tuple[int, ...], classes: int, seed: int):
    def start(name: str):
        return keras.initializers.GlorotUniform(stream_seed(seed, f"classifier/{name}"))

    layers = [keras.Input(shape), keras.layers.Rescaling(1 / 127.5, offset=-1)]
    for filters in (32, 64, 128):
        layers += [
            keras.layers.Conv2D(
                filters,
                3,
                strides=2,
                padding="same",
                use_bias=False,
                kernel_initializer=start(str(filters)),
            ),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
        ]
    layers += [
        keras.layers.GlobalAveragePooling2D(name="features"),
        keras.layers.Dense(classes, activation="softmax", kernel_initializer=start("head")),
    ]
    return keras.Sequential(layers)


def _compiled(function, model, shape: tuple[int, ...] | None = None):
    """NumPy batch → NumPy arrays, through one graph for every batch size."""
    shape = shape or model.inputs[0].shape[1:]
    graph = tf.function(function, input_signature=[tf.TensorSpec((None, *shape), tf.float32)])

    def run(images: np.ndarray):
        return tf.nest.map_structure(lambda tensor: tensor.numpy(), graph(tf.constant(images)))

    return run


def _keras_file(path: Path):
    model = keras.saving.load_model(path, compile=False)
    return (lambda images: model(images, training=False)), model.inputs[0].shape, model


def _saved_model(path: Path):
    loaded = tf.saved_model.load(path)
    signature = loaded.signatures["serving_default"]
    ((name, spec),) = signature.structured_input_signature[1].items()

    def call(images):
        # through `loaded`: the signature alone does not keep its variables alive
        outputs = loaded.signatures["serving_default"](**{name: images})
        return next(iter(outputs.values()))

    return call, spec.shape.as_list(), loaded


def _vectors(output):
    output = output[0] if isinstance(output, list | tuple) else output
    return tf.reduce_mean(output, axis=(1, 2)) if len(output.shape) == 4 else output
