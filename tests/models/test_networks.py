"""Every registered architecture: golden counts, one step, saving."""

import keras
import numpy as np
import pytest

from tfmedgan import models
from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.data.steps import Rescale
from tfmedgan.studies import PRESETS

# systems.md of the documents: (generator, discriminator) parameters of the default configuration
GOLDEN = {"cgan": (1_382_077, 212_987), "dcgan": (2_330_944, 212_865)}
# optimizer updates of the discriminator for each of the generator
RATIO = {"cgan": 2, "dcgan": 1, PRESETS["iut2023/cgan"].model: 2, PRESETS["iut2023/dcgan"].model: 1}


def compiled(name, ema=0.0, **fields):
    model = models.create(name, seed=1, **fields)
    model.compile(keras.optimizers.Adam(2e-4, 0.5), keras.optimizers.Adam(2e-4, 0.5), ema=ema)
    return model


def batch(model, count=4):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (count, *model.config.image_shape)).astype("float32")
    return images, rng.integers(0, max(1, model.config.n_classes), count).astype("int32")


def values(variables):
    return [np.asarray(v) for v in variables]


def test_every_architecture_has_a_golden_count():
    assert set(GOLDEN) == set(ARCHITECTURES)
    assert set(RATIO) == {*ARCHITECTURES, *(preset.model for preset in PRESETS.values())}


@pytest.mark.parametrize("name", GOLDEN)
def test_parameter_counts(name):
    model = models.create(name)
    assert (model.generator.count_params(), model.discriminator.count_params()) == GOLDEN[name]


def test_batch_norm_statistics_of_the_dcgan():
    variables = models.create("dcgan").generator.non_trainable_variables
    assert sum(int(np.prod(v.shape)) for v in variables) == 25_472


def variants():
    for name, experiment in ARCHITECTURES.items():
        size = experiment.model.image_shape[0]
        for channels in (1, 3):
            shape = {"image_shape": (size, size, channels)}
            if experiment.model.labels == "required":
                yield from ((name, {**shape, "n_classes": n}) for n in (2, 5))
            else:
                yield name, shape


@pytest.mark.parametrize(("name", "fields"), list(variants()), ids=str)
def test_one_step_moves_every_weight_and_stays_finite(name, fields):
    model = compiled(name, **fields)
    networks = (model.generator, model.discriminator)
    before = [values(n.trainable_variables) for n in networks]
    logs = model.train_on_batch(*batch(model), return_dict=True)
    assert all(np.isfinite(v) for v in logs.values())
    for network, old in zip(networks, before, strict=True):
        for variable, former in zip(network.trainable_variables, old, strict=True):
            assert np.isfinite(variable).all()
            assert (np.array(variable) != former).any(), variable.path


@pytest.mark.parametrize(("config", "ratio"), RATIO.items(), ids=str)
def test_updates_of_the_discriminator_for_each_of_the_generator(config, ratio):
    model = compiled(config)
    for _ in range(2):
        model.train_on_batch(*batch(model))
    assert int(model.generator_optimizer.iterations) == 2
    assert int(model.discriminator_optimizer.iterations) == 2 * ratio


@pytest.mark.parametrize("name", GOLDEN)
def test_each_update_touches_one_network_only(name):
    model = compiled(name)
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
    before = values(model.averaged.weights)
    model.train_on_batch(*batch(model))
    assert model.sampler is model.averaged
    for mean, old, new in zip(model.averaged.weights, before, model.generator.weights, strict=True):
        expected = old + (1 - 2 / 11) * (np.asarray(new) - old)
        np.testing.assert_allclose(np.asarray(mean), expected, atol=1e-6)  # float32 rounding
    model.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    for a, b in zip(values(model.averaged.weights), values(loaded.averaged.weights), strict=True):
        assert (a == b).all()


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_weights_and_images_in_float32(precision):
    model = models.create("cgan", precision=precision)
    model.compile(keras.optimizers.Adam(2e-4), keras.optimizers.Adam(2e-4))
    logs = model.train_on_batch(*batch(model), return_dict=True)
    assert all(np.isfinite(value) for value in logs.values())
    assert all(v.dtype == "float32" for v in model.generator.weights)
    assert model.generator.layers[-2].compute_dtype == precision.removeprefix("mixed_")
    assert np.asarray(model(model.draw(2, "test", 0))).dtype == np.float32


@pytest.mark.parametrize("name", GOLDEN)
def test_saved_model_comes_back_with_weights_and_optimizers(name, tmp_path):
    model = compiled(name)
    model.train_on_batch(*batch(model))
    model.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    for a, b in zip(model.state, loaded.state, strict=True):
        if "seed_generator" not in b.path:  # Keras does not save dropout's counters
            assert (np.asarray(a) == np.asarray(b)).all(), a.path


@pytest.mark.parametrize("name", GOLDEN)
def test_generator_delivers_the_range_that_the_data_has(name):
    model = models.create(name)
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
