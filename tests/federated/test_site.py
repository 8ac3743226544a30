"""What a site does with the shared weights; without Flower.

Two identities hold exactly. Sites with the same images, noise and optimizer make the same update,
so that their average is the update of any one of them, with any optimizer. And one step of plain
SGD on a batch is the average of such steps on equal parts of it, as far as the loss is a mean over
images: weights − rate · mean gradient is linear in the gradient. With Adam the second does not
hold, because it divides by a root of the gradient.
"""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan.config import Federation
from tfmedgan.errors import Diverged
from tfmedgan.federated import weights
from tfmedgan.federated.averaging import Update, weighted_mean
from tfmedgan.federated.site import GivenUp, Site
from tfmedgan.federated.sites import divided
from tfmedgan.training.loop import build


@pytest.fixture(scope="module")
def first(experiment):
    """The weights that a federation begins with."""
    return weights.values(weights.shared(build(experiment)))


def differences(a, b):
    return [float(np.abs(x - y).max()) for x, y in zip(a, b, strict=True)]


def test_sites_with_the_same_images_and_noise_make_the_central_step(
    experiment, data, first, tmp_path
):
    one_step = replace(experiment, federation=Federation("3", local_steps=1))
    part = data.parts["train"]
    sites = [Site(n, one_step, part, tmp_path / n, seed=5) for n in "ABC"]
    updates = [site.train(first, 1) for site in sites]
    central = Site("all", one_step, part, tmp_path / "all", seed=5).train(first, 1)
    assert max(differences(central.arrays, first)) > 1e-4  # it is a step
    assert max(differences(weighted_mean(updates), central.arrays)) < 1e-5


@pytest.mark.parametrize("rates", [(0.0, 0.1), (0.1, 0.0)], ids=["discriminator", "generator"])
def test_a_batch_divided_over_sites_makes_the_central_step_of_sgd(experiment, tiny, rates):
    """One network at a time: the generator follows a discriminator that has just moved."""
    model = replace(tiny, dropout=0.0)
    plain = replace(experiment, model=model, augment=None, ema=0.0)
    start = weights.values(weights.shared(build(plain)))
    random = np.random.default_rng(0)
    real = random.uniform(-1, 1, (6, 32, 32, 1)).astype(np.float32)
    z = random.normal(size=(6, 2)).astype(np.float32)

    def stepped(rows):
        model = build(plain)
        model.compile(*map(keras.optimizers.SGD, rates))
        model.draw = lambda *_, **__: tf.constant(z[rows])
        weights.assign(weights.shared(model), start)
        model.train_step((real[rows],))
        return weights.values(weights.shared(model))

    central = stepped(slice(None))
    sites = [stepped(slice(i, i + 2)) for i in (0, 2, 4)]
    mean = weighted_mean([Update(str(i), 2, arrays) for i, arrays in enumerate(sites)])
    assert max(differences(central, start)) > 1e-3
    assert max(differences(mean, central)) < 1e-5
    assert max(differences(sites[0], central)) > 1e-4  # no site makes it alone


@pytest.fixture
def site(experiment, data, tmp_path):
    own = divided(experiment.federation, experiment.data, data, 0)["site-2"]
    return Site("site-2", experiment, own.parts["train"], tmp_path / "site")


def test_what_stays_goes_on_where_it_was(experiment, site, first):
    once = site.train(first, 1)
    twice = site.train(once.arrays, 2)
    assert site.model.steps_done == 4
    again = Site("site-2", experiment, site.images, site.folder)  # another process, a round back
    repeated = again.train(once.arrays, 2)
    assert again.model.steps_done == 4 and repeated.metrics == twice.metrics
    assert max(differences(repeated.arrays, twice.arrays)) == 0.0


def test_noise_and_order_of_images_are_a_sites_own(experiment, site, first, tmp_path):
    other = Site("site-1", experiment, site.images, tmp_path / "other")
    assert max(differences(site.train(first, 1).arrays, other.train(first, 1).arrays)) > 0


def test_a_round_given_up_leaves_no_trace(experiment, site, first, tmp_path):
    with pytest.raises(GivenUp):
        site.train(first, 1, given_up=lambda: True)
    assert not site.folder.exists()
    expected = Site("site-2", experiment, site.images, tmp_path / "fresh").train(first, 1)
    assert max(differences(site.train(first, 1).arrays, expected.arrays)) == 0.0


def test_a_site_that_diverges_says_so_and_keeps_its_former_state(site, first):
    broken = [np.full_like(array, np.nan) for array in first]
    with pytest.raises(Diverged, match=r"its .* became nan"):
        site.train(broken, 1)
    assert site.train(first, 1).images == len(site.images)
