"""Configurations: frozen dataclasses that are known by name and have a JSON form."""

import dataclasses
import json
from typing import Any, TypeVar

from tfmedgan.errors import InputError, require
from tfmedgan.registry import Registry
from tfmedgan.typed import check_types

T = TypeVar("T")
CONFIGURATIONS = Registry("configuration type")
# Type as files name it → its name now, and its fields' former names with those now.
FORMER_NAMES: dict[str, tuple[str, dict[str, str | None]]] = {  # None: a field that is gone
    "RGANConfig": ("RGANConfig", {"label_dim": None}),
    "DownstreamStudy": (
        "DownstreamStudy",
        {"share": "synthetic_ratio", "scarce": "subsample", "lead": "primary_metric"},
    ),
}


def configuration(cls: type[T]) -> type[T]:
    """Class decorator: a dataclass that `encode` and `decode` know by its name."""
    return CONFIGURATIONS.add(cls.__name__, cls)


def encode(value: Any) -> Any:
    """Plain JSON data for a configuration; `decode` is its inverse.

    Raises:
        InputError: for a type that `decode` would not know, so that no run is made with it.
    """
    if dataclasses.is_dataclass(value):
        name = type(value).__name__
        require(
            name in CONFIGURATIONS,
            f"{name} cannot be read back from a file; put "
            "@tfmedgan.serialization.configuration above its @dataclass",
        )
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"type": name, **fields}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    return value


def decode(data: Any) -> Any:
    """The configuration described by plain JSON data, also under its former names.

    Raises:
        InputError: for an unknown type or field, naming it and the valid ones; for a value of
            another type.
    """
    if isinstance(data, list):
        return tuple(decode(item) for item in data)
    if not isinstance(data, dict):
        return data
    fields = dict(data)
    name = fields.pop("type", "")
    name, former = FORMER_NAMES.get(name, (name, {}))
    cls = CONFIGURATIONS[name]
    names = {field: former.get(field, field) for field in fields}
    fields = {now: fields[field] for field, now in names.items() if now}
    valid = {f.name for f in dataclasses.fields(cls)}
    unknown = sorted(set(fields) - valid)
    require(
        not unknown,
        f"{cls.__name__} has no field {', '.join(unknown)}; valid: {', '.join(sorted(valid))}",
    )
    values = {name: decode(value) for name, value in fields.items()}
    check_types(cls, values)
    return cls(**values)


class JsonDocument:
    """A configuration that fills a file of its own."""

    def to_json(self) -> str:
        return json.dumps(encode(self), indent=2) + "\n"

    @classmethod
    def from_json(cls: type[T], text: str, origin: str = "experiment") -> T:
        """The configuration that `to_json` wrote.

        Raises:
            InputError: for another text; `origin` names it.
        """
        try:
            document = decode(json.loads(text))
        except json.JSONDecodeError as error:
            raise InputError(f"{origin}: is no JSON from line {error.lineno} on") from error
        except InputError as error:
            raise InputError(f"{origin}: not a valid configuration: {error}") from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise InputError(f"{origin}: a value is missing or of another kind") from error
        require(isinstance(document, cls), f"{origin}: holds no {cls.__name__}")
        return document
