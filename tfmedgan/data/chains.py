"""The documents' preprocessing as chains of steps."""

from tfmedgan.data.steps import (
    CentreCrop,
    Clahe,
    Contrast,
    FlipHorizontal,
    FlipVertical,
    Grayscale,
    Rescale,
    Resize,
    Rotate,
    ToRGB,
    Zoom,
)

# iut2023: 32×32 RGB for the cGAN, 28×28 grey for the DCGAN, aspect ratio kept.
# The thesis scales to [0, 1], which a tanh generator cannot match: a recorded deviation.
IUT2023_CGAN = (ToRGB(), Resize(32, aspect="pad"), Rescale(-1, 1))
IUT2023_DCGAN = (Grayscale(), Resize(28, aspect="pad"), Rescale(-1, 1))

# vuw-covid: CLAHE at full size, then 64 or 128 px; OpenCV's tutorial values of CLAHE (unsaid).
VUW_COVID_64 = (Grayscale(), Clahe(2.0, 8), Resize(64, aspect="stretch"), ToRGB(), Rescale(-1, 1))
VUW_COVID_128 = (Grayscale(), Clahe(2.0, 8), Resize(128, aspect="stretch"), ToRGB(), Rescale(-1, 1))

# dfu-dcgan: resize the shorter side to 64, centre crop, [-1, 1].
DFU_DCGAN = (ToRGB(), Resize(64, aspect="shorter"), CentreCrop(64), Rescale(-1, 1))

# dfu-lstm, classifiers: 256×256, [0, 1], with rotation, flips, zoom and contrast (amounts unsaid).
DFU_LSTM_CLASSIFIER = (ToRGB(), Resize(256, aspect="stretch"), Rescale(0, 1))
DFU_LSTM_AUGMENTED = (
    *DFU_LSTM_CLASSIFIER[:-1],
    FlipHorizontal(),
    FlipVertical(),
    Rotate(15),
    Zoom(0.1),
    Contrast(0.1),
    Rescale(0, 1),
)

# dfu-lstm, the GAN: 128×128; its tanh generator needs [-1, 1].
DFU_LSTM_GAN = (ToRGB(), Resize(128, aspect="stretch"), Rescale(-1, 1))

# aims2023: 64×64, one channel for MNIST; CelebA's faces from the centre of 178×218.
AIMS2023_MNIST = (Grayscale(), Resize(64, aspect="pad"), Rescale(-1, 1))
AIMS2023_CELEBA = (ToRGB(), Resize(64, aspect="shorter"), CentreCrop(64), Rescale(-1, 1))

# limeros2022: 256×256; how a rectangle becomes a square is unsaid.
LIMEROS2022 = (ToRGB(), Resize(256, aspect="shorter"), CentreCrop(256), Rescale(-1, 1))

CHAINS = {
    "iut2023/cgan": IUT2023_CGAN,
    "iut2023/dcgan": IUT2023_DCGAN,
    "vuw-covid/64": VUW_COVID_64,
    "vuw-covid/128": VUW_COVID_128,
    "dfu-dcgan": DFU_DCGAN,
    "dfu-lstm/classifier": DFU_LSTM_CLASSIFIER,
    "dfu-lstm/classifier-augmented": DFU_LSTM_AUGMENTED,
    "dfu-lstm/gan": DFU_LSTM_GAN,
    "limeros2022": LIMEROS2022,
    "aims2023/mnist": AIMS2023_MNIST,
    "aims2023/celeba": AIMS2023_CELEBA,
}
