"""The experiment: round trip, and refusals that name the field and what is valid."""

import json
from dataclasses import dataclass, replace

import pytest

from tfmedgan.architectures import ARCHITECTURES
from tfmedgan.config import AdamConfig, Experiment
from tfmedgan.data.steps import Rescale
from tfmedgan.errors import InputError
from tfmedgan.papers import PRESETS

EXPERIMENTS = {**ARCHITECTURES, **PRESETS}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_json_round_trip_is_exact(name):
    experiment = EXPERIMENTS[name]
    assert Experiment.from_json(experiment.to_json()) == experiment


def test_names_of_presets_and_architectures_are_their_keys():
    assert all(experiment.name == name for name, experiment in EXPERIMENTS.items())


@pytest.mark.parametrize("name", PRESETS)
def test_presets_cite_their_document(name):
    assert PRESETS[name].paper.startswith(name.split("/")[0])


def test_unknown_field_is_refused_with_the_valid_ones():
    text = ARCHITECTURES["cgan"].to_json().replace('"batch_size"', '"batchsize"')
    with pytest.raises(InputError, match=r"no field batchsize; valid: .*batch_size"):
        Experiment.from_json(text)


def changed(field: str, value) -> str:
    document = json.loads(ARCHITECTURES["cgan"].to_json())
    return json.dumps(document | {field: value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON from line 1 on"),
        ('{"type": "Experiment"}', "a value is missing or of another kind"),
        ("[]", "holds no Experiment"),
        (
            changed("label_fade", [1, 2, 3]),
            r"not a valid .*: Experiment: label_fade is \(1, 2, 3\); must be a list of 2",
        ),
        (changed("data", None), "not a valid .*: Experiment: data is None; must be DataConfig"),
        (
            changed("epochs", 1.5),
            "not a valid .*: Experiment: epochs is 1.5; must be a whole number",
        ),
        (changed("jit", 1), "not a valid .*: Experiment: jit is 1; must be true or false"),
    ],
)
def test_a_damaged_configuration_is_named(text, said):
    with pytest.raises(InputError, match=f"^config.json: {said}$"):
        Experiment.from_json(text, "config.json")


def test_a_step_that_no_file_could_name_is_refused_before_training():
    @dataclass(frozen=True)
    class Plain:
        def __call__(self, image):
            return image

    base = ARCHITECTURES["cgan"]
    data = replace(base.data, steps=(Plain(), *base.data.steps))
    with pytest.raises(InputError, match=r"Plain cannot be read back.*@tfmedgan\.serialization"):
        replace(base, data=data).to_json()


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(InputError, match=r"unknown architecture 'gan'; valid: cgan"):
        ARCHITECTURES["gan"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 1}, "batch size is 1"),
        ({"epochs": 0}, "number of epochs is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"precision": "float64"}, "valid: float32"),
        ({"augment": "diffaug"}, "augment is .diffaug.; give DiffAugment"),
        ({"jit": True, "deterministic": True}, "exclude each other"),
    ],
)
def test_impossible_values_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(ARCHITECTURES["cgan"], **change)


def test_value_range_is_a_contract_between_data_and_generator():
    experiment = ARCHITECTURES["cgan"]
    steps = (*experiment.data.steps[:-1], Rescale(0, 1))
    with pytest.raises(InputError, match=r"\[0.0, 1.0\] do not fit a generator"):
        replace(experiment, data=replace(experiment.data, steps=steps))


def test_impossible_image_size_lists_the_possible_ones():
    said = "image size 33 is not possible for the cgan family; possible: 28"
    with pytest.raises(InputError, match=said):
        replace(ARCHITECTURES["cgan"].model, image_shape=(33, 33, 3))


def test_adam_refuses_a_learning_rate_of_zero():
    with pytest.raises(InputError, match="learning rate is 0"):
        AdamConfig(learning_rate=0)


def test_a_field_that_is_gone_is_read_over():
    experiment = ARCHITECTURES["rgan"]
    data = json.loads(experiment.to_json())
    data["model"]["label_dim"] = 128
    assert Experiment.from_json(json.dumps(data)) == experiment


@pytest.mark.parametrize(("channels", "masks"), [(3, True), (1, True), (2, False), (4, False)])
def test_masks_and_channels_belong_together(channels, masks):
    base = ARCHITECTURES["rgan"]
    model = replace(base.model, image_shape=(64, 64, channels))
    with pytest.raises(InputError, match="with masks images have 2 channels or 4"):
        replace(base, model=model, data=replace(base.data, masks=masks))
    fitting = replace(base, model=model, data=replace(base.data, masks=not masks))
    assert fitting.model.has_mask is not masks
