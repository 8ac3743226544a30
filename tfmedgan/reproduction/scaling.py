"""A document's experiment made smaller."""

from dataclasses import fields, replace

from tfmedgan.config import Experiment, Federation
from tfmedgan.data.steps import adapted
from tfmedgan.papers.reported import Scale
from tfmedgan.serialization import encode

WIDTHS = ("ngf", "ndf", "lstm_units", "channel_base", "channel_max")
LABELS = ("name", "paper", "unstated", "deviations", "seed")  # change nothing in training
FORMER = {  # what was done before there were these fields
    ("model", "loss"): "non_saturating",
    ("model", "energy_weight"): 0.0,
    ("data", "masks"): False,
    ("augment", "noise"): 0.0,
}


def scaled(experiment: Experiment, scale: Scale) -> Experiment:
    """The experiment at this scale; classes and the split are left to the data at hand."""
    shape = _shape(experiment, scale)
    model = replace(experiment.model, image_shape=shape, **_model_changes(experiment, scale))
    return replace(
        experiment,
        data=_data(experiment, scale, shape),
        model=model,
        batch_size=scale.batch_size or experiment.batch_size,
        epochs=scaled_epochs(experiment.epochs, scale),
        federation=_federation(experiment, scale),
        precision=scale.precision,
        validation=(experiment.validation.every and scale.validation) or experiment.validation,
    )


def _federation(experiment: Experiment, scale: Scale) -> Federation | None:
    federation = experiment.federation
    if federation is None or scale.local_steps is None:
        return federation
    return replace(federation, local_steps=scale.local_steps)


def scaled_epochs(epochs: int, scale: Scale) -> int:
    """At least one epoch."""
    return max(1, round(epochs * scale.epochs))


def _shape(experiment: Experiment, scale: Scale) -> tuple[int, int, int]:
    size, _, channels = experiment.model.image_shape
    size = scale.sizes.get(size, size)
    return size, size, channels


def _model_changes(experiment: Experiment, scale: Scale) -> dict:
    model = experiment.model
    known = {field.name for field in fields(model)}
    changed = {n: max(1, round(getattr(model, n) * scale.width)) for n in WIDTHS if n in known}
    if scale.critic_steps and "critic_steps" in known:
        changed["critic_steps"] = scale.critic_steps
    return changed | {n: value for n, value in scale.model.items() if n in known}


def _data(experiment: Experiment, scale: Scale, shape: tuple[int, int, int]):
    data = experiment.data
    return replace(
        data,
        source=scale.source or data.source,
        steps=data.steps if shape == experiment.model.image_shape else adapted(data.steps, shape),
        images=round(data.images * scale.images) if data.images else scale.at_most,
        fractions=scale.fractions or data.fractions,
        allow_missing=scale.allow_missing or data.allow_missing,
    )


def what_trains(experiment: Experiment) -> dict:
    """Plain data, equal for experiments that train the same, whatever their length.

    Runs are named by it: a field that is new stays out of it where no document uses it or where it
    means what was done before, so that the runs of studies that were begun without it are found.
    """
    left_out = (*LABELS, "epochs", "start_from", "label_fade")
    plain = {name: value for name, value in encode(experiment).items() if name not in left_out}
    for (part, field), former in FORMER.items():
        if (plain[part] or {}).get(field) == former:
            del plain[part][field]
    if plain["federation"] is None:
        del plain["federation"]
    return plain
