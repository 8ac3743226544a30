"""The classifiers' networks: parameter counts, ranges, the way back from one logit to two."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from scipy.special import expit

from tfmedgan.classifiers import CLASSIFIERS, networks
from tfmedgan.classifiers.catalogue.densenet161 import DenseNet161Config
from tfmedgan.classifiers.catalogue.small_cnn import SmallCNNConfig
from tfmedgan.classifiers.catalogue.vgg19 import VGG19Config
from tfmedgan.classifiers.networks.parts import sigmoid_or_softmax
from tfmedgan.classifiers.softmax import softmax
from tfmedgan.errors import InputError

# LSTM layers by hand: 4·256·(c + 256 + 1) for c = 1280, then c = 256; a logit of 256 + 1.
LSTM = 4 * 256 * (1280 + 256 + 1) + 4 * 256 * (256 + 256 + 1) + 257
GOLDEN = {  # trainable parameters for two classes; none depends on the size of the image
    "small-cnn": 97_938,
    "densenet161": 26_476_418,
    "vgg19": 1_026,
    "efficientnetv2s-lstm": 20_177_488 + LSTM,
    "efficientnetv2m-lstm": 52_858_356 + LSTM,
    "critic-lstm": None,  # that of its critic's width; see test_critic_lstm.py
}


def parameters(network) -> int:
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def test_every_classifier_has_a_golden_count():
    assert set(GOLDEN) == set(CLASSIFIERS), "count the parameters and write them into GOLDEN"


@pytest.mark.parametrize("name", sorted(GOLDEN.keys() - {"critic-lstm", "efficientnetv2m-lstm"}))
def test_parameters(name):
    config = replace(CLASSIFIERS[name].network, image_shape=(64, 64, 3))
    assert parameters(networks.build(config)) == GOLDEN[name]


@pytest.mark.slow
def test_parameters_of_the_largest():
    config = replace(CLASSIFIERS["efficientnetv2m-lstm"].network, image_shape=(64, 64, 3))
    assert parameters(networks.build(config)) == GOLDEN["efficientnetv2m-lstm"]


@pytest.mark.slow
def test_densenet161_for_imagenet():
    assert parameters(networks.build(DenseNet161Config(n_classes=1000))) == 28_681_000


def test_a_narrow_densenet_has_the_right_depth():
    config = DenseNet161Config(growth_rate=4, initial_filters=8)
    network = networks.build(config)
    convolutions = [x for x in network.layers if isinstance(x, keras.layers.Conv2D)]
    assert len(convolutions) + 1 == 161  # the last layer is dense
    assert network(np.zeros((2, 64, 64, 3), np.float32)).shape == (2, 2)


def test_initial_weights_depend_on_the_seed_alone():
    weights = [networks.build(SmallCNNConfig(), seed).get_weights() for seed in (3, 3, 4)]
    same = [all(map(np.array_equal, weights[0], other)) for other in weights[1:]]
    assert same == [True, False]


def test_the_range_is_the_networks_own():
    network = networks.build(SmallCNNConfig(value_range=(0.0, 1.0)))
    seen = keras.Model(network.inputs, network.get_layer("range").output)
    black_and_white = np.stack([np.zeros((64, 64, 3)), np.full((64, 64, 3), 255)])
    assert np.allclose(np.ptp(seen(black_and_white), axis=(1, 2, 3)), 0)
    assert np.allclose(seen(black_and_white)[:, 0, 0, 0], (0, 1))


def test_one_logit_stands_for_a_sigmoid():
    features = keras.Input((3,))
    network = keras.Model(features, sigmoid_or_softmax(features, 2))
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    (kernel, bias) = network.layers[1].get_weights()
    assert np.allclose(softmax(network(x))[:, 1], expit(x @ kernel + bias)[:, 0], atol=1e-6)


def test_vgg19_sees_what_its_weights_expect():
    """Blue, green, red less ImageNet's means: what Keras's own preprocessing gives."""
    network = networks.build(VGG19Config((32, 32, 3)))
    normalised = next(x for x in network.layers if isinstance(x, keras.layers.Normalization))
    seen = keras.Model(network.inputs, normalised.output)
    images = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    wanted = keras.applications.vgg19.preprocess_input(images.copy())
    assert np.allclose(seen(images), wanted, atol=1e-3)


def test_weights_that_are_not_there_are_named():
    with pytest.raises(InputError, match=r"--weights nowhere\.h5: no such file"):
        VGG19Config((32, 32, 3), weights="nowhere.h5")


def test_weights_that_do_not_fit_are_one_line(tmp_path):
    path = tmp_path / "wrong.weights.h5"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="not weights of "):
        networks.build(VGG19Config((32, 32, 3), weights=str(path)))


def test_weights_from_a_file(tmp_path):
    path = tmp_path / "vgg.weights.h5"
    own = keras.applications.VGG19(weights=None, include_top=False, input_shape=(32, 32, 3))
    own.save_weights(path)
    network = networks.build(VGG19Config((32, 32, 3), weights=str(path)))
    inner = next(layer for layer in network.layers if isinstance(layer, keras.Model))
    assert np.array_equal(inner.get_weights()[0], own.get_weights()[0])
