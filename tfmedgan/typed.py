"""Whether what a file holds is of the types that a dataclass declares."""

from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from tfmedgan.errors import require

LONGEST = 60  # letters of a value in an error


def check_types(cls: type, values: dict) -> None:
    """Raise `InputError` unless the values are of the types of a dataclass's fields.

    Whole numbers may stand for others. Types that say nothing of their values are not looked at.
    """
    hints = _hints(cls)
    for name, value in values.items():
        require(
            fits(value, hints.get(name, Any)),
            f"{cls.__name__}: {name} is {repr(value)[:LONGEST]}; must be {in_words(hints[name])}",
        )


def fits(value: Any, hint: Any) -> bool:
    """Whether a value, its lists as tuples, is of a type."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, one) for one in inner)
    if origin is tuple:
        return isinstance(value, tuple) and _all_fit(value, inner)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    kind = origin or hint
    return kind is Any or not isinstance(kind, type) or isinstance(value, kind)


def in_words(hint: Any) -> str:
    """A type as a reader of an error knows it."""
    if hint is NoneType:
        return "nothing"
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(map(in_words, get_args(hint)))
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    if hint in names:
        return names[hint]
    inner = get_args(hint)
    if (get_origin(hint) or hint) is tuple:
        return f"a list of {len(inner)}" if inner and Ellipsis not in inner else "a list"
    return getattr(hint, "__name__", str(hint))


def _all_fit(values: tuple, inner: tuple) -> bool:
    if inner[1:] == (Ellipsis,):
        return all(fits(value, inner[0]) for value in values)
    return len(values) == len(inner) and all(map(fits, values, inner))


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)
