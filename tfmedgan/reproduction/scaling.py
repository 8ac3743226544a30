"""A document's experiment made smaller, and every change said in words."""

from collections.abc import Iterable
from dataclasses import replace

from tfmedgan.config import Experiment
from tfmedgan.data.steps import adapted
from tfmedgan.papers.reported import Scale
from tfmedgan.serialization import encode

WIDTHS = ("ngf", "ndf", "lstm_units")
LABELS = ("name", "paper", "unstated", "deviations", "seed")  # change nothing in training


def scaled(experiment: Experiment, scale: Scale) -> Experiment:
    """The experiment at this scale; classes and the split are left to the data at hand."""
    shape = _shape(experiment, scale)
    model = replace(experiment.model, image_shape=shape, **_model_changes(experiment, scale))
    validates = scale.validation and experiment.validation.every
    return replace(
        experiment,
        data=_data(experiment, scale, shape),
        model=model,
        batch_size=scale.batch_size or experiment.batch_size,
        epochs=scaled_epochs(experiment.epochs, scale),
        validation=scale.validation if validates else experiment.validation,
    )


def scaled_epochs(epochs: int, scale: Scale) -> int:
    """At least one epoch."""
    return max(1, round(epochs * scale.epochs))


def _shape(experiment: Experiment, scale: Scale) -> tuple[int, int, int]:
    size, _, channels = experiment.model.image_shape
    size = scale.sizes.get(size, size)
    return size, size, channels


def _model_changes(experiment: Experiment, scale: Scale) -> dict:
    model = experiment.model
    changed = {
        n: max(1, round(getattr(model, n) * scale.width)) for n in WIDTHS if hasattr(model, n)
    }
    if scale.critic_steps and hasattr(model, "critic_steps"):
        changed["critic_steps"] = scale.critic_steps
    return changed


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


def changes(pairs: Iterable[tuple[Experiment, Experiment]]) -> list[str]:
    """What differs between documents' experiments and those that were trained, a line a field.

    Args:
        pairs: (the document's, the one that was trained) for each row of a table.
    """
    fields: dict[str, dict[tuple[str, str], None]] = {}
    for document, trained in pairs:
        before, after = _flat(encode(document)), _flat(encode(trained))
        for name in before | after:
            if name not in LABELS and before.get(name) != after.get(name):
                change = before.get(name, "none"), after.get(name, "none")
                fields.setdefault(name, {})[change] = None
    return [_sentence(name, list(found)) for name, found in fields.items()]


def _sentence(name: str, found: list[tuple[str, str]]) -> str:
    before, after = (", ".join(dict.fromkeys(values)) for values in zip(*found, strict=True))
    return f"{name}: {after} instead of {before}"


def _flat(data: dict, prefix: str = "") -> dict[str, str]:
    lines = {}
    for key, value in data.items():
        if isinstance(value, dict):
            lines |= _flat(value, f"{prefix}{key}.")
        elif _are_parts(value):
            lines |= {f"{prefix}{key}.{part['type']}": _arguments(part) for part in value}
        elif key != "type":
            lines[f"{prefix}{key}"] = _words(value)
    return lines


def _are_parts(value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _arguments(part: dict) -> str:
    return ", ".join(f"{k} {_words(v)}" for k, v in part.items() if k != "type") or "used"


def _words(value) -> str:
    if isinstance(value, list):
        shape = len(value) == 3 and all(isinstance(item, int) for item in value)
        return ("×" if shape else ", ").join(map(str, value)) or "all"
    return "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
