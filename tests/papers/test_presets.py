"""Presets say what their documents say."""

import pytest

from tfmedgan.config import AdamConfig, Experiment, PyTorchAdamConfig
from tfmedgan.data.steps import Clahe
from tfmedgan.papers import PRESETS

# document's values: image size, batch, epochs, learning rates of generator and discriminator
VALUES = {
    "iut2023/cgan": (32, 128, 100, 2e-4, 2e-4),
    "iut2023/dcgan": (28, 256, 50, 1e-4, 1e-4),
    "iut2023/dcgan-k16": (128, 128, 5, 2e-4, 2e-4),
    "iut2023/dcgan-k16-64": (64, 128, 5, 2e-4, 2e-4),
    "dfu-dcgan/dcgan64": (64, 64, 65, 2e-4, 2e-4),
    "dfu-lstm/wgan-gp-lstm": (128, 64, 200, 1e-4, 2e-4),
    "aims2023/cgan64-mnist": (64, 128, 5, 2e-4, 2e-4),
    "aims2023/cgan64-celeba": (64, 128, 5, 2e-4, 2e-4),
    "vuw-covid/base-128": (128, 128, 50, 1e-4, 1e-4),
    "vuw-covid/table5-dcgan": (64, 128, 500, 2e-4, 2e-4),
    "limeros2022/conditional": (256, 16, 100, 2e-3, 2e-3),
    "vuw-covid/table5-wgan-gp": (64, 128, 500, 1e-4, 1e-4),
}
OWN = {
    "vuw-covid/table5-rgan",
    "skandarani2021/rgan",
}  # of this toolkit, beside those of the document


@pytest.mark.parametrize("name", VALUES)
def test_values_of_the_documents(name):
    e = PRESETS[name]
    rates = (e.generator_optimizer.learning_rate, e.discriminator_optimizer.learning_rate)
    assert (e.model.image_shape[0], e.batch_size, e.epochs, *rates) == VALUES[name]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_names_its_document_and_what_it_leaves_out(name):
    e = PRESETS[name]
    assert e.paper.startswith(name.split("/")[0]) and e.unstated
    aids = (e.augment, e.ema, e.validation.every)
    aided = name.startswith("limeros2022/")  # the document's own augmentation and average
    assert aided or name in OWN or aids in [(None, 0.0, 0), (None, 0.0, 1)]
    assert Experiment.from_json(e.to_json()) == e


@pytest.mark.parametrize("name", sorted(set(PRESETS) - OWN))
def test_adam_is_that_of_the_documents_framework(name):
    keras_documents = {"iut2023/cgan", "iut2023/dcgan"}
    for adam in (PRESETS[name].generator_optimizer, PRESETS[name].discriminator_optimizer):
        assert type(adam) is (AdamConfig if name in keras_documents else PyTorchAdamConfig)


def test_tables_of_vuw_covid_vary_one_thing_each():
    base = PRESETS["vuw-covid/base-128"]
    rows = {n.split("/")[1]: e for n, e in PRESETS.items() if n.startswith("vuw-covid/")}
    images = [e.data.images for n, e in rows.items() if n.startswith("table1")]
    factors = [e.model.noise_factor for n, e in rows.items() if n.startswith("table2")]
    epochs = [e.epochs for n, e in rows.items() if n.startswith("table3")]
    assert images == [1000, 2000, 3000]
    assert factors == [0.0, 0.01, 0.1, 0.5, 1.0]
    assert epochs == [50, 100, 300, 500, 700]
    assert rows["normalised-128"].model.critic_range == (-1.0, 1.0) != base.model.critic_range
    assert all(any(isinstance(s, Clahe) for s in e.data.steps) for e in rows.values())
    assert rows["table5-dcgan"].data == rows["table5-wgan-gp"].data


def test_what_limeros2022_says_of_sites():
    rows = {n.split("/")[1]: e for n, e in PRESETS.items() if n.startswith("limeros2022/")}
    federation = rows["federated"].federation
    assert (federation.number, federation.local_steps) == (3, 100)
    assert rows["unconditional"].federation is None
    alone = {e.federation.only for n, e in rows.items() if n.startswith("alone")}
    assert alone == {"site-1", "site-2", "site-3"}


def test_early_stopping_of_dfu_lstm():
    validation = PRESETS["dfu-lstm/wgan-gp-lstm"].validation
    assert (validation.every, validation.patience, validation.loss_patience) == (1, 10, 15)
