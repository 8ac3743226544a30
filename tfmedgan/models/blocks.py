"""The few blocks that several networks share.

They come from documents written for PyTorch, so what differs there is set here: N(0, 0.02)
weights (Radford et al. 2016), BatchNorm's momentum 0.1 (0.9 in Keras's counting) and
epsilon 1e-5. A kernel of 4 with stride 2 and padding 1 is `padding="same"` in Keras.
"""

import math

import keras
import tensorflow as tf
from keras import layers, ops

from tfmedgan.models import fast_layers

STDDEV = 0.02
SMALLEST = 4  # side of the smallest feature map


def normal(mean: float = 0.0):
    """A new initialiser N(mean, 0.02); one instance used twice would repeat its values."""
    return keras.initializers.RandomNormal(mean, STDDEV)


def conv(filters: int, kernel: int, stride: int, use_bias: bool, padding="same", dtype=None):
    return fast_layers.Conv2D(
        filters, kernel, stride, padding,
        use_bias=use_bias, kernel_initializer=normal(), dtype=dtype,
    )  # fmt: skip


def transposed_conv(filters: int, kernel: int, stride: int, use_bias: bool, padding="same"):
    return fast_layers.Conv2DTranspose(
        filters, kernel, stride, padding, use_bias=use_bias, kernel_initializer=normal()
    )


def batch_norm():
    return fast_layers.BatchNorm(momentum=0.9, epsilon=1e-5, gamma_initializer=normal(1.0))


@keras.saving.register_keras_serializable("tfmedgan")
class InstanceNorm(layers.Layer):
    """Each channel of each image to mean 0 and variance 1 (Ulyanov et al. 2016), not affine.

    Keras's GroupNormalization(groups=-1) gives the same values and gradients, but a wrong
    second derivative, which the gradient penalty needs: its variance stops the gradient at
    the mean.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, x):
        wide = ops.cast(x, full_precision(self.dtype_policy))
        return ops.cast(standardised(wide, self.epsilon)[0], x.dtype)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


def standardised(x, epsilon: float):
    """y = (x − mean)·r over height and width, and r = 1/√(variance + ε), (n, 1, 1, C).

    The gradient is written out, since its closed form takes half of the elementwise
    operations that differentiating these lines would, and is differentiable in turn.
    """

    def mean(values):
        return tf.reduce_mean(values, axis=(1, 2), keepdims=True)

    @tf.custom_gradient
    def forward(x):
        centred = x - mean(x)
        r = tf.math.rsqrt(mean(tf.square(centred)) + epsilon)

        def gradient(dy, dr):
            y, r = forward(x)
            pixels = tf.cast(x.shape[1] * x.shape[2], x.dtype)
            return r * (dy - mean(dy) - y * (mean(dy * y) + r * dr / pixels))

        return (centred * r, r), gradient

    return forward(x)


def full_precision(policy=None) -> str:
    """Data type for images, scores and statistics, which half precision is too coarse for."""
    return (policy or keras.config.dtype_policy()).variable_dtype


def leaky_relu():
    return layers.LeakyReLU(negative_slope=0.2)


def project_and_reshape(z, filters: int, use_bias: bool):
    """z (n, d) as 1×1×d → 4×4 feature maps (n, 4, 4, filters)."""
    x = layers.Reshape((1, 1, z.shape[-1]))(z)
    x = transposed_conv(filters, SMALLEST, 1, use_bias, padding="valid")(x)
    return layers.ReLU()(batch_norm()(x))


def upsample_stack(x, image_shape, ngf: int, *, stride: int = 2, use_bias: bool = False):
    """Feature maps → images (n, H, W, C) in [-1, 1], by doublings and a last factor `stride`.

    The last hidden layer has `ngf` filters, each one before it twice as many.
    The last kernel is 4 for stride 2 and 16 for stride 4.
    """
    size, _, channels = image_shape
    while x.shape[1] * stride < size:
        filters = num_filters(2 * x.shape[1], size // stride, ngf)
        x = transposed_conv(filters, 4, 2, use_bias)(x)
        x = layers.ReLU()(batch_norm()(x))
    x = transposed_conv(channels, stride**2, stride, use_bias)(x)
    return layers.Activation("tanh", dtype=full_precision(), name="images")(x)


def num_filters(side: int, last_side: int, ngf: int) -> int:
    """Filters of the generator where feature maps have `side` pixels."""
    return ngf * last_side // side


def downsample_stack(
    image, ndf: int, norm, *, norm_first: bool, stride: int = 2, use_bias: bool = False
):
    """Images (n, H, W, C) → scores (n, 1), float32: a first factor `stride`, then halvings to 4×4.

    Args:
        ndf: filters of the first layer; each one after it has twice as many.
        norm: builder of a normalisation layer.
        norm_first: whether the first layer is normalised, too.
    """
    x = conv(ndf, stride**2, stride, use_bias)(image)
    x = leaky_relu()(norm()(x) if norm_first else x)
    while x.shape[1] > SMALLEST:
        x = conv(2 * x.shape[-1], 4, 2, use_bias)(x)
        x = leaky_relu()(norm()(x))
    x = conv(1, SMALLEST, 1, use_bias, padding="valid", dtype=full_precision())(x)
    return layers.Flatten(dtype=full_precision())(x)


def latent_input(config):
    """Inputs of a generator, and the vector that they make: z, with a label's vector beside it."""
    z = keras.Input((config.latent_dim,), name="z")
    if not config.conditional:
        return z, z
    label = keras.Input((), dtype="int32", name="label")
    vector = layers.Embedding(config.n_classes, config.label_dim, normal_vectors())(label)
    return [z, label], layers.Concatenate()([z, vector])


def image_input(config):
    """Inputs of a discriminator, and the image that they make, with a label's plane on top."""
    image = keras.Input(config.image_shape, name="image")
    if not config.conditional:
        return image, image
    height, width, _ = config.image_shape
    label = keras.Input((), dtype="int32", name="label")
    plane = layers.Embedding(config.n_classes, height * width, normal_vectors())(label)
    plane = layers.Reshape((height, width, 1))(plane)
    return [image, label], layers.Concatenate()([image, plane])


def normal_vectors():
    """Label vectors N(0, 1), as PyTorch's Embedding has them."""
    return keras.initializers.RandomNormal(0.0, 1.0)


def with_noise(z, factor: float):
    """z + factor·n for independent n ~ N(0, 1): the same distribution as z·√(1 + factor²)."""
    if not factor:
        return z
    scale = math.sqrt(1 + factor**2)  # in bfloat16 that of 0.01 would be 1
    return layers.Rescaling(scale, dtype=full_precision(), name="noise")(z)
