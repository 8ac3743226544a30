"""Every registered architecture: golden counts, one step, saving."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdaptiveAugment
from tfmedgan.data.steps import Rescale
from tfmedgan.errors import InputError
from tfmedgan.models.dropout import STATE
from tfmedgan.models.wgan_gp import WGANGP
from tfmedgan.papers import PRESETS

# (generator, discriminator or critic): trainable parameters that the documents' networks have.
# Not printed there and counted by hand: cgan64 adds to dcgan64 a label vector of 100
# (2·100 + 100·512·16 in the first layer) and a plane (2·64·64 + 64·16); the k16 networks have
# 3·64·16·16 weights at the image where dcgan64 has 3·64·4·4; wgan-gp-lstm is two LSTMs,
# 4·(100 + 256 + 1)·256 and 4·(256 + 256 + 1)·256, and the tail of wgan-gp128 from 8×8 on.
# stylegan2, generator: mapping 4·(128² + 128), constant 16·256, kernels 9·(3·256² + 256·128 +
# 128² + 128·64 + 64² + 64·32 + 32²), their styles 129·(4·256 + 2·128 + 2·64 + 32), noise 9,
# biases 3·256 + 2·(128 + 64 + 32), images (3 + 129)·(2·256 + 128 + 64 + 32) + 5·3;
# discriminator: from the image 4·32, then of each side's filters c, and c' of half the side,
# c·c' + 9·c·(c + c') + c + c', last 9·257·256 + 256, (16·256 + 1)·256, 257.
# rgan, generator: dense 128·384·16, doublings 9·(384·256 + 256·128 + 128·64 + 64·32), second
# convolutions 9·(128² + 64²), gates (16·384·64 + 64 + 64² + 64) + (16·256·32 + 32 + 32² + 32), two
# numbers a filter of 384 + 256 + 2·128 + 2·64 + 32 normalised ones, image 9·32·3 + 3, two dense
# layers of z for each of these 1,056 filters, 2·(128 + 1);
# discriminator: 16·(3·48 + 48·96 + 96·192 + 192·384) + 48 + 96 + 192 + 384, score 16·384.
STAGES = ((32, 64), (64, 128), (128, 256), (256, 256))  # of stylegan2's discriminator
GOLDEN = {
    "cgan": (1_382_077, 212_987),
    "dcgan": (2_305_472, 212_865),
    "dcgan64": (3_576_704, 2_765_568),
    "cgan64": (3_576_704 + 819_400, 2_765_568 + 9_216),
    "dcgan-k16": (3_576_704 + 46_080, 2_765_568 + 46_080),
    "wgan-gp64": (3_576_704, 2_763_776),
    "wgan-gp128": (3_608_995, 701_681),
    "wgan-gp-lstm": (365_568 + 525_312 + 690_339, 701_681),
    "rgan": (
        786_432 + 1_271_808 + 184_320 + 397_440 + 132_160 + 2_112 + 867 + 2 * 129 * 1_056,
        1_557_456,
    ),
    "stylegan2": (
        66_048 + 4_096 + 9 * 261_120 + 129 * 1_440 + 9 + 1_216 + 132 * 736 + 15,
        128 + sum(a * b + 9 * a * (a + b) + a + b for a, b in STAGES) + 592_384 + 1_048_832 + 257,
    ),
}
BATCH_NORM_STATISTICS = {"cgan": 0, "dcgan": 25_472, "dcgan64": 1_920, "wgan-gp128": 1_984}
# optimizer updates of the discriminator or critic for each of the generator, by family
RATIO = {
    "cgan": 2,
    "dcgan": 1,
    "dcgan64": 1,
    "wgan_gp": 5,
    "wgan_gp_lstm": 5,
    "rgan": 1,
    "stylegan2": 1,
}


def small(name, **fields):
    """The architecture with few filters, so that a step takes a moment."""
    return narrow(ARCHITECTURES[name].model, **{"critic_steps": 2, **fields})


def narrow(model, **fields):
    """A configuration with few filters, and those of `fields` that it has."""
    few = {"ngf": 4, "ndf": 4, "lstm_units": 16, "label_dim": 8, "channel_base": 256, **fields}
    own = {field.name for field in dataclasses.fields(model)}
    return dataclasses.replace(model, **{k: v for k, v in few.items() if k in own})


def compiled(config, ema=0.0, augment=None, **fields):
    model = models.create(config, seed=1, **fields)
    optimizers = (keras.optimizers.Adam(2e-4, 0.5) for _ in range(2))
    # Eager: a step of so small a network is over before a graph of it would be made.
    model.compile(*optimizers, ema=ema, augment=augment, run_eagerly=True)
    return model


def batch(model, count=4):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (count, *model.config.image_shape)).astype("float32")
    return images, rng.integers(0, max(1, model.config.n_classes), count).astype("int32")


def values(variables):
    return [np.asarray(v) for v in variables]


def test_every_architecture_has_a_golden_count():
    families = {e.model.family for e in ARCHITECTURES.values()}
    assert set(GOLDEN) == set(ARCHITECTURES), "count the parameters and write them into GOLDEN"
    assert set(RATIO) == families, "write into RATIO how often the discriminator is updated"
    assert {preset.model.family for preset in PRESETS.values()} <= set(RATIO)


@pytest.mark.parametrize("name", GOLDEN)
def test_parameter_counts(name):
    model = models.create(name)
    networks = (model.generator, model.discriminator)
    counts = [sum(int(np.prod(v.shape)) for v in n.trainable_variables) for n in networks]
    assert tuple(counts) == GOLDEN[name]
    if name in BATCH_NORM_STATISTICS:
        still = model.generator.non_trainable_variables
        assert sum(int(np.prod(v.shape)) for v in still) == BATCH_NORM_STATISTICS[name]


def variants():
    for name, experiment in ARCHITECTURES.items():
        size = experiment.model.image_shape[0]
        classes = {"unused": (0, 0), "optional": (0, 3), "required": (2, 5)}
        # Grey, and RGB with a mask; the golden counts are of 3.
        for channels, n in zip((1, 4), classes[experiment.model.labels], strict=True):
            yield name, {"image_shape": (size, size, channels), "n_classes": n}


@pytest.mark.parametrize(("name", "fields"), list(variants()), ids=str)
def test_one_step_moves_every_weight_and_stays_finite(name, fields):
    model = compiled(small(name, **fields))
    networks = (model.generator, model.discriminator)
    before = [values(n.trainable_variables) for n in networks]
    logs = model.train_on_batch(*batch(model), return_dict=True)
    assert list(logs) and all(np.isfinite(v) for v in logs.values())
    for network, old in zip(networks, before, strict=True):
        for variable, former in zip(network.trainable_variables, old, strict=True):
            assert np.isfinite(variable).all()
            moved = (np.array(variable) != former).any()
            assert moved or _has_no_gradient(model, variable), variable.path


def _has_no_gradient(model, variable):
    """A Wasserstein critic's last bias shifts reals and fakes alike; so does a bias before
    a normalisation without parameters of its own.
    """
    is_bias = variable.path.endswith("bias")
    of_critic = any(variable is own for own in model.discriminator.trainable_variables)
    return is_bias and isinstance(model, WGANGP) and of_critic


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_updates_of_the_discriminator_for_each_of_the_generator(name):
    model = compiled(small(name))
    for _ in range(2):
        model.train_on_batch(*batch(model, 10))
    assert int(model.generator_optimizer.iterations) == 2
    assert int(model.discriminator_optimizer.iterations) == 2 * getattr(
        model.config, "critic_steps", RATIO[model.config.family]
    )


@pytest.mark.parametrize(
    ("name", "updates"), [("iut2023/cgan", 2), ("vuw-covid/table5-wgan-gp", 5)]
)
def test_presets_update_as_their_documents_say(name, updates):
    model = compiled(narrow(PRESETS[name].model))
    model.train_on_batch(*batch(model, 10))
    assert int(model.discriminator_optimizer.iterations) == updates
    assert int(model.generator_optimizer.iterations) == 1


@pytest.mark.parametrize("name", GOLDEN)
def test_each_update_touches_one_network_only(name):
    model = compiled(small(name))
    inputs = model.draw(4, "test", 0)
    for moved, still in (("generator", "discriminator"), ("discriminator", "generator")):
        before = {n: values(getattr(model, n).trainable_variables) for n in (moved, still)}
        getattr(model, f"update_{moved}")(lambda: (_score(model, inputs),))
        after = {n: values(getattr(model, n).trainable_variables) for n in (moved, still)}
        same = {
            n: all((a == b).all() for a, b in zip(before[n], after[n], strict=True)) for n in before
        }
        assert same == {moved: False, still: True}


def _score(model, inputs):
    images = model.generator(inputs)
    judged = [images, inputs[1]] if model.config.conditional else images
    return keras.ops.mean(model.discriminator(judged))


def test_averaged_generator_follows_and_is_sampled_and_saved(tmp_path):
    """With decay 0.5 the mean after one step, weight (1 + 1) / (10 + 1) on the old, is exact."""
    model = compiled("dcgan", ema=0.5)
    before = values(model.ema_generator.trainable_variables)
    model.train_on_batch(*batch(model))
    assert model.sampler is model.ema_generator
    networks = (model.ema_generator, model.generator)
    means, news = (network.trainable_variables for network in networks)
    for mean, old, new in zip(means, before, news, strict=True):
        expected = old + (1 - 2 / 11) * (np.asarray(new) - old)
        np.testing.assert_allclose(np.asarray(mean), expected, atol=1e-6)  # float32 rounding
    model.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for a, b in zip(
        values(model.ema_generator.weights), values(loaded.ema_generator.weights), strict=True
    ):
        assert (a == b).all()


@pytest.mark.parametrize(
    ("name", "precision"),
    [*((name, "mixed_bfloat16") for name in ARCHITECTURES), ("wgan-gp64", "mixed_float16")],
)
def test_mixed_precision_keeps_weights_and_images_in_float32(name, precision):
    model = models.create(small(name), precision=precision)
    optimizers = (keras.optimizers.Adam(2e-4) for _ in range(2))
    model.compile(*optimizers, run_eagerly=True)
    logs = model.train_on_batch(*batch(model), return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())
    assert all(v.dtype == "float32" for v in model.generator.weights)
    assert model.generator.layers[-2].compute_dtype == precision.removeprefix("mixed_")
    judged = model.score(*_one(model))
    assert judged.dtype == np.float32
    assert np.asarray(model(model.draw(2, "test", 0))).dtype == np.float32


def _one(model):
    images, labels = batch(model, 2)
    return tf.constant(images), tf.constant(labels)


@pytest.mark.parametrize("name", GOLDEN)
def test_saved_model_comes_back_with_weights_and_optimizers(name, tmp_path):
    model = compiled(small(name), augment=AdaptiveAugment())
    model.train_on_batch(*batch(model))
    model.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    assert loaded.augment == model.augment
    for a, b in zip(model.state, loaded.state, strict=True):
        if any(a is variable for variable in model.augmentation.variables):
            continue  # checkpoints of a run hold them; a .keras file does not
        if "seed_generator" not in b.path:  # Keras does not save dropout's counters
            assert (np.asarray(a) == np.asarray(b)).all(), a.path


@pytest.mark.parametrize("name", ["dcgan", "cgan", "wgan-gp-lstm"])
def test_dropout_follows_from_the_seed(name):
    first, again, other = (models.create(small(name), seed=seed) for seed in (0, 0, 1))
    states = [
        [tuple(np.asarray(v)) for n in (m.generator, m.discriminator) for v in n.variables
         if v.name == STATE]
        for m in (first, again, other)
    ]  # fmt: skip
    assert states[0] == states[1] and len(set(states[0])) == len(states[0])
    assert not set(states[0]) & set(states[2])


def test_steps_are_counted_whose_update_overflows():
    """At first the scaled loss of float16 is too large, and the optimizer leaves updates out."""
    model = compiled(small("dcgan64"), precision="mixed_float16")
    for _ in range(3):
        model.train_on_batch(*batch(model))
    assert model.steps_done == 3
    assert any(variable is model.updates_tried for variable in model.state)


@pytest.mark.parametrize("name", GOLDEN)
def test_generator_delivers_the_range_that_the_data_has(name):
    model = models.create(small(name))
    low, high = model.config.value_range
    images = np.array(model(model.draw(8, "test", 0)))
    assert images.shape == (8, *model.config.image_shape)
    assert low <= images.min() and images.max() <= high
    steps = ARCHITECTURES[name].data.steps
    assert isinstance(steps[-1], Rescale) and steps[-1].value_range == (low, high)


def test_same_seed_same_weights_other_seed_others():
    first, same, other = (
        values(models.create("cgan", seed=s).generator.weights) for s in (1, 1, 2)
    )
    assert all((a == b).all() for a, b in zip(first, same, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_the_documents_own_functions_build_a_frozen_composite():
    from tfmedgan.models.cgan import define_discriminator, define_gan, define_generator

    generator, discriminator = define_generator(100, n_classes=5), define_discriminator()
    gan = define_gan(generator, discriminator)
    assert len(gan.trainable_variables) == len(generator.trainable_variables)
    assert gan([np.zeros((2, 100)), np.zeros(2, "int32")]).shape == (2, 1)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_impossible_sizes_are_refused_with_the_possible_ones(name):
    with pytest.raises(InputError, match=r"image size 48 is not possible.*possible: .*64"):
        models.create(name, image_shape=(48, 48, 3))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_possible_size_is_made(name):
    for size in ARCHITECTURES[name].model.possible_sizes():
        model = models.create(small(name, image_shape=(size, size, 1)))
        assert model.generator.output_shape[1:] == (size, size, 1)
        assert model.discriminator.output_shape == (None, 1)
