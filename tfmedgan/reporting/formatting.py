"""How numbers and sources are printed, alike in HTML, Markdown and the terminal."""

from pathlib import Path
from typing import Any

MISSING = "–"


def number(value: float | None, digits: int = 4, sign: str = "") -> str:
    """A few significant digits, without an exponent where that is readable.

    Args:
        sign: "+" to print that of positive numbers, too.
    """
    if value is None:
        return MISSING
    whole = 1000 <= abs(value) < 1e6
    return f"{value:{sign}.0f}" if whole else f"{value:{sign}.{digits}g}"


def interval(low: float | None, high: float | None, digits: int = 4, sign: str = "") -> str:
    """ "2.1 to 2.52"; a dash where there is none."""
    if low is None:
        return MISSING
    return f"{number(low, digits, sign)} to {number(high, digits, sign)}"


def with_interval(estimate: Any, digits: int = 4, sign: str = "") -> str:
    """ "2.31 (2.1 to 2.52)"; the value alone where no interval is given.

    Args:
        estimate: anything with `value`, `low` and `high`, or None.
    """
    if estimate is None:
        return MISSING
    text = number(estimate.value, digits, sign)
    if estimate.low is None:
        return text
    return f"{text} ({interval(estimate.low, estimate.high, digits, sign)})"


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the plural but for one."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """A share in [0, 1] as "12.5 %"."""
    return f"{100 * share:.3g} %"


def readable(name: str) -> str:
    """A name of the code as a title, for what has none of its own."""
    return name.replace("_", " ").capitalize()


def public_name(source: str) -> str:
    """A source of images without the folder in which it lies on this machine."""
    if source.startswith("manifest:"):
        return f"manifest:{Path(source.split(':')[1]).name}"
    if source.startswith(("phantom:", "tfds:")):
        return source
    return source.rstrip("/").rpartition("/")[2]
